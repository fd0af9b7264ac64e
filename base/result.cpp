#include "base/result.h"

#include <fmt/format.h>

namespace florin {

std::string Error::to_log() const {
  std::string out = fmt::format("{}: {}", errc_name(code_), message());
  if (!field_.empty()) out += fmt::format(" [field {}]", field_);
  if (!detail_.empty()) out += fmt::format(" ({})", detail_);
  return out;
}

}  // namespace florin
