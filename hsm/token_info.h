#pragma once
/// What a token says about itself.
#include <string>

namespace florin::hsm {

struct TokenInfo {
  std::string label;
  std::string serial;
  std::string manufacturer;
  std::string model;
  std::string firmware;  ///< "major.minor"
};

}  // namespace florin::hsm
