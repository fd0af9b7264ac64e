#pragma once
/// Asking a person at the terminal, whatever standard input and output are.
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace florin::cli {

/// The answer without its line end; nothing at the end of input. Hidden answers are not echoed.
using Ask = std::function<std::optional<std::string>(std::string_view prompt, bool hidden)>;
/// Null when the process has no terminal.
Ask controlling_terminal();

}  // namespace florin::cli
