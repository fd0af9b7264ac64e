#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace florin::cli {

/// What `florin` alone prints: at most 12 lines, three examples.
std::string_view overview() noexcept;
std::string version_text();
/// The text of `florin help TOPIC`.
std::optional<std::string_view> help_topic(std::string_view topic) noexcept;
const std::vector<std::string>& help_topics();

}  // namespace florin::cli
