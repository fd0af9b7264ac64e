#pragma once
/// Tests have a quick size and a full one; FLORIN_LONG=1 in the environment asks for the full one.
#include <cstdlib>
#include <string_view>

namespace florin::test {

inline bool long_run() {
  // Tests do not change their environment.
  const char* value = std::getenv("FLORIN_LONG");  // NOLINT(concurrency-mt-unsafe)
  return value != nullptr && std::string_view(value) == "1";
}

template <typename T>
T quick_or_long(T quick, T full) {
  return long_run() ? full : quick;
}

}  // namespace florin::test
