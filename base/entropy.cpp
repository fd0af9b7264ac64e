#include "base/entropy.h"

#include <sys/random.h>

#include <cerrno>

namespace florin {

void SystemEntropy::fill(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const ssize_t count = getrandom(out.data(), out.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    FLORIN_ASSERT(count > 0);
    out = out.subspan(static_cast<std::size_t>(count));
  }
}

Uuid new_uuid(const Clock& clock, Entropy& entropy) {
  ByteArray<10> random{};
  entropy.fill(random);
  return Uuid::v7(clock.now() / kNanosPerMilli, random);
}

}  // namespace florin
