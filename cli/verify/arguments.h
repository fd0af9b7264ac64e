#pragma once
/// What both commands of florin-verify do with their words, files and texts.
#include <optional>
#include <string>

#include "base/result.h"

namespace florin::verify {

/// An error of how the program was called.
Error usage(std::string message);

/// The small file that an option names; nothing without one. Errors: those of read_small_file,
/// whose message then names the file.
Result<std::optional<std::string>> named_file(const std::optional<std::string>& path);

/// Text from a file may hold anything; a terminal shall see only printable ASCII.
std::string printable(std::string text);

/// Tells the error and returns the exit status for it: what cannot be read is no fault of the call.
int complain(const Error& error);

}  // namespace florin::verify
