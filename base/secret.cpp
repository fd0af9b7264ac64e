#include "base/secret.h"

#include <sodium.h>

#include <algorithm>
#include <new>

#include "base/secret_arena.h"

namespace florin {

Secret::Secret(std::size_t size) : size_(size) {
  if (size == 0) return;
  if (size <= SecretArena::kLargestSecret) data_ = SecretArena::take();
  if (data_ != nullptr) return;
  if (sodium_init() < 0) throw std::bad_alloc();
  data_ = static_cast<std::uint8_t*>(sodium_malloc(size));
  if (data_ == nullptr) throw std::bad_alloc();
  // sodium_malloc ignores a failed mlock; asking again tells.
  if (sodium_mlock(data_, size) != 0) {
    sodium_free(data_);
    throw std::bad_alloc();
  }
  std::fill_n(data_, size, std::uint8_t{0});
}

Secret::Secret(BytesView source) : Secret(source.size()) {
  std::copy(source.begin(), source.end(), data_);
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    release();
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

void Secret::release() noexcept {
  if (data_ != nullptr && !SecretArena::give_back(data_)) sodium_free(data_);
  data_ = nullptr;
  size_ = 0;
}

bool Secret::equals(BytesView other) const noexcept {
  return equal_constant_time(view(), other);
}

bool equal_constant_time(BytesView a, BytesView b) noexcept {
  return a.size() == b.size() && (a.empty() || sodium_memcmp(a.data(), b.data(), a.size()) == 0);
}

void wipe(std::span<std::uint8_t> bytes) noexcept {
  if (!bytes.empty()) sodium_memzero(bytes.data(), bytes.size());
}

void wipe(std::string& text) noexcept {
  if (!text.empty()) sodium_memzero(text.data(), text.size());
  text.clear();
}

}  // namespace florin
