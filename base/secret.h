#pragma once
/// Bytes that must not leak: in locked memory, zeroed on release, move-only, not printable.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/bytes.h"

namespace florin {

/// Owns secret bytes in locked memory: small ones in the SecretArena where there is one, others in
/// a guarded region of their own (libsodium); zeroed when released. Equality is only offered in
/// constant time. Allocation fails (throws std::bad_alloc) when memory cannot be locked.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::size_t size);
  /// Copies; the caller wipes its own copy.
  explicit Secret(BytesView source);
  Secret(Secret&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { release(); }

  [[nodiscard]] Secret clone() const { return Secret(view()); }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  /// The bytes, for handing to a cipher; never to a log.
  [[nodiscard]] BytesView view() const noexcept { return {data_, size_}; }
  [[nodiscard]] std::span<std::uint8_t> writable() noexcept { return {data_, size_}; }
  [[nodiscard]] bool equals(BytesView other) const noexcept;

 private:
  void release() noexcept;
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

/// True if both have the same bytes; takes the same time wherever they differ.
bool equal_constant_time(BytesView a, BytesView b) noexcept;
/// Overwrites memory in a way the compiler may not drop.
void wipe(std::span<std::uint8_t> bytes) noexcept;
void wipe(std::string& text) noexcept;

}  // namespace florin
