#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace florin {

void assertion_failed(const char* condition, const char* file, int line) noexcept {
  // stdio and not the log: the log itself may be what is broken.
  std::fprintf(stderr, "<0>assertion failed: %s (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace florin
