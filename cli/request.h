#pragma once
/// A command with its values becomes a request. Pure.
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/command.h"
#include "daemon/http/message.h"

namespace florin::cli {

/// Values by argument name; secrets were read from their files already.
using Values = std::map<std::string, std::string, std::less<>>;

/// Fills in fallbacks. Errors: `field_missing`, `malformed_value`; the field is the option.
Result<Values> complete_values(const Command& command, Values given);
/// Error: `malformed_value` when a value cannot stand in a path.
Result<http::Request> build_request(const Command& command, const Values& values);
/// How an argument is called towards people: its option, or NAME for a positional one.
std::string argument_label(const Argument& argument);

}  // namespace florin::cli
