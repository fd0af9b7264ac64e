#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace florin::cli {

/// The word that was probably meant: at most two edits (insert, delete, replace, swap) away.
std::optional<std::string> suggest(std::string_view word, const std::vector<std::string>& words);

}  // namespace florin::cli
