#pragma once
#include <string_view>

namespace florin {

inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace florin
