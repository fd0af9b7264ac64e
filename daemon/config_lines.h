#pragma once
/// The configuration file as lines. Boost's own reader takes `a#b` for `a`, keeps quotes and names
/// no line; this one refuses what is unclear and keeps the place of every key.
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace florin {

struct ConfigValue {
  std::string key;    ///< "section.key"
  std::string value;  ///< without quotes
  std::string place;  ///< "florind.conf:12"
};

/// Errors: `config_invalid`, with file and line in the message.
Result<std::vector<ConfigValue>> read_config_lines(std::string_view text, std::string_view file);

/// "unknown key …", with the nearest of `known` when one is near.
Error unknown_key(const ConfigValue& value, const std::vector<std::string>& known);

}  // namespace florin
