#pragma once
/// <data>/pin-refused: the token has refused the PIN. A start that finds it tries no login, so that
/// a service manager's restarts cannot lock a token; `florin hsm unlock` takes it away.
#include <filesystem>

#include "base/result.h"

namespace florin {

[[nodiscard]] bool pin_was_refused(const std::filesystem::path& data_directory);
/// Durable when it returns. Error: `io_failure`.
Result<void> mark_pin_refused(const std::filesystem::path& data_directory);
Result<void> unmark_pin_refused(const std::filesystem::path& data_directory);

}  // namespace florin
