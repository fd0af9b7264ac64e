#include "cli/verify/arguments.h"

#include <fmt/format.h>

#include <cstdio>

#include "cli/verify/exit_code.h"
#include "ledger/verify/note.h"
#include "ledger/verify/package_files.h"

namespace florin::verify {

Error usage(std::string message) {
  return Error(Errc::validation_failed, {}, std::move(message));
}

Result<std::optional<std::string>> named_file(const std::optional<std::string>& path) {
  if (!path) return std::optional<std::string>();
  auto text = read_small_file(*path, kMaxNoteFileBytes);
  if (!text.ok()) {
    return Error(text.error().code(), {}, fmt::format("\"{}\" {}", *path, text.error().message()));
  }
  return std::optional<std::string>(std::move(text).value());
}

std::string printable(std::string text) {
  for (char& letter : text) {
    if (letter < 0x20 || letter > 0x7E) letter = '?';
  }
  return text;
}

int complain(const Error& error) {
  fmt::print(stderr, "florin-verify: {}\n", error.message());
  const bool ours = error.error_class() == ErrorClass::internal || error.code() == Errc::io_failure;
  return ours ? exit_internal : exit_usage;
}

}  // namespace florin::verify
