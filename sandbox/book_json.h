#pragma once
/// The book's objects as JSON; private to the book.
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/money.h"
#include "sandbox/book.h"

namespace florin::sandbox {

/// The member's value; empty or zero when it is absent or something else.
std::string text_of_member(const json::object& object, std::string_view name);
std::int64_t integer_of_member(const json::object& object, std::string_view name);
/// Of the members amount and currency. Error: `malformed_value`.
Result<Money> money_of(const json::object& object);
std::optional<OperationKind> operation_of(std::string_view name) noexcept;

json::object charge_object(const std::string& id, const std::string& reference,
                           std::string_view status, const Money& amount, const Money& captured,
                           const Money& refunded);
json::object part_object(OperationKind kind, const std::string& id, const std::string& charge,
                         const std::string& reference, std::string_view status,
                         const Money& amount);
/// A decline with the network code that belongs to it.
json::object decline_object(std::string_view code);

}  // namespace florin::sandbox
