#pragma once
/// Byte sequences and their text forms. Little-endian is the house's only binary byte order;
/// database keys, which must sort, are big-endian.
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace florin {

using Bytes = std::vector<std::uint8_t>;
using BytesView = std::span<const std::uint8_t>;
template <std::size_t N>
using ByteArray = std::array<std::uint8_t, N>;
using Hash32 = ByteArray<32>;
using Key16 = ByteArray<16>;

/// Views the bytes of a text; the text must outlive the view.
BytesView view_of(std::string_view text) noexcept;
/// Views bytes as text; the bytes must outlive the view.
std::string_view text_of(BytesView bytes) noexcept;
Bytes to_bytes(BytesView bytes);

std::string to_hex(BytesView bytes);
/// Accepts lower-case and upper-case digits, an even count. Error: `malformed_value`.
Result<Bytes> from_hex(std::string_view text);
/// RFC 4648 §4 with padding.
std::string to_base64(BytesView bytes);
/// Strict RFC 4648 §4: canonical padding, no white space. Error: `malformed_value`.
Result<Bytes> from_base64(std::string_view text);

/// Appends fixed-width values to a buffer.
class ByteWriter {
 public:
  /// Most of what is written is a key or a row: one allocation is enough for it.
  ByteWriter() { out_.reserve(64); }
  void u8(std::uint8_t value) { out_.push_back(value); }
  void u16(std::uint16_t value) { little(value); }
  void u32(std::uint32_t value) { little(value); }
  void u64(std::uint64_t value) { little(value); }
  void i64(std::int64_t value) { little(static_cast<std::uint64_t>(value)); }
  /// Big-endian, for keys that must sort.
  void u16_be(std::uint16_t value) { big(value); }
  void u32_be(std::uint32_t value) { big(value); }
  void u64_be(std::uint64_t value) { big(value); }
  void raw(BytesView bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }
  /// u32 length, then the bytes.
  void sized(BytesView bytes);
  /// u32 length, then the text.
  void sized_text(std::string_view text) { sized(view_of(text)); }
  [[nodiscard]] std::size_t size() const noexcept { return out_.size(); }
  [[nodiscard]] BytesView view() const noexcept { return out_; }
  Bytes take() && { return std::move(out_); }

 private:
  template <class T>
  void little(T value) {
    ByteArray<sizeof(T)> bytes{};
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      bytes[i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
    raw(bytes);
  }
  template <class T>
  void big(T value) {
    ByteArray<sizeof(T)> bytes{};
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      bytes[sizeof(T) - 1 - i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
    raw(bytes);
  }
  Bytes out_;
};

/// Reads fixed-width values; every read is checked. After a failed read `ok()` is false for good,
/// values read from then on are zero or empty, so a decoder may read a whole record and check once.
class ByteReader {
 public:
  explicit ByteReader(BytesView in) noexcept : in_(in) {}
  std::uint8_t u8();
  std::uint16_t u16();
  std::uint32_t u32();
  std::uint64_t u64();
  std::int64_t i64() { return static_cast<std::int64_t>(u64()); }
  std::uint16_t u16_be();
  std::uint32_t u32_be();
  std::uint64_t u64_be();
  BytesView raw(std::size_t count);
  /// u32 length (at most `limit`), then the bytes.
  BytesView sized(std::size_t limit);
  std::string sized_text(std::size_t limit) { return std::string(text_of(sized(limit))); }
  template <std::size_t N>
  ByteArray<N> array() {
    ByteArray<N> out{};
    const BytesView part = raw(N);
    for (std::size_t i = 0; i < part.size(); ++i) out[i] = part[i];
    return out;
  }
  void fail() noexcept { ok_ = false; }
  [[nodiscard]] bool ok() const noexcept { return ok_; }
  /// True when everything was read and nothing failed.
  [[nodiscard]] bool done() const noexcept { return ok_ && at_ == in_.size(); }
  [[nodiscard]] std::size_t remaining() const noexcept { return in_.size() - at_; }

 private:
  BytesView in_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace florin
