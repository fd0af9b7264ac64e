#include "base/key_cache.h"

#include <thread>
#include <vector>

namespace florin {
namespace {

// All caches there are. Never destroyed: threads may end after static destructors ran.
struct Registry {
  std::mutex mutex;
  std::vector<KeyCache*> caches;
};
Registry& registry() {
  static auto* const only = new Registry;
  return *only;
}

}  // namespace

void SpinLock::lock() noexcept {
  while (taken_.test_and_set(std::memory_order_acquire)) std::this_thread::yield();
}

void KeyCache::enter() {
  const std::lock_guard lock(registry().mutex);
  registry().caches.push_back(this);
}

void KeyCache::leave() {
  const std::lock_guard lock(registry().mutex);
  std::erase(registry().caches, this);
}

std::size_t forget_keys() {
  const std::lock_guard lock(registry().mutex);
  std::size_t count = 0;
  for (KeyCache* const cache : registry().caches) {
    const auto held = cache->hold();
    count += cache->forget();
  }
  return count;
}

}  // namespace florin
