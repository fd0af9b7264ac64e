#pragma once
/// What codecs say when they judge an answer. Pure.
#include <string>
#include <string_view>

#include "base/json.h"
#include "daemon/connectors/codec.h"

namespace florin::connectors {

/// The member as a text, empty when it is absent or something else.
std::string_view text_member(const json::object& object, std::string_view name);
/// The member as an object, null when it is absent or something else.
const json::object* object_member(const json::object& object, std::string_view name);
/// The member as a whole number, nothing when it is absent or something else.
std::optional<std::int64_t> integer_member(const json::object& object, std::string_view name);

/// A PSP's names travel on in paths and logs: 1..64 characters of [A-Za-z0-9_-].
bool is_name(std::string_view text);
/// At most 32 characters, anything unprintable replaced.
std::string printable(std::string_view text);

domain::Outcome unknown(std::string evidence);
domain::Outcome not_executed(const OperationRequest& operation, std::string evidence);
/// `code` is a technical one of the decline catalogue.
domain::Outcome refused(const OperationRequest& operation, std::string_view code,
                        std::string evidence);
/// `code` is one of the decline catalogue, which gives the category.
domain::Outcome declined(const OperationRequest& operation, std::string_view code,
                         std::string_view network_code, std::string evidence);

/// A fact is found; an unknown outcome is no usable answer.
Inquiry found(domain::Outcome outcome);
Inquiry not_found(std::string evidence);
Inquiry unusable(std::string evidence);

}  // namespace florin::connectors
