#pragma once
/// 128-bit identifiers in UUIDv7 layout (RFC 9562 §5.7): 48 bits of milliseconds first, so that
/// keys made later sort later. Text form: 26 digits of Crockford base32.
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace florin {

struct Uuid {
  ByteArray<16> bytes{};

  auto operator<=>(const Uuid&) const = default;
  [[nodiscard]] bool is_nil() const noexcept { return *this == Uuid{}; }
  [[nodiscard]] BytesView view() const noexcept { return bytes; }
  /// 26 characters, upper case, without I, L, O and U.
  [[nodiscard]] std::string text() const;
  /// Takes exactly the canonical text. Error: `malformed_value`.
  static Result<Uuid> parse(std::string_view text);
  static Uuid from(BytesView sixteen_bytes);
  /// UUIDv7 from a time and ten random bytes; pure, so callers bring clock and entropy.
  static Uuid v7(std::int64_t unix_ms, const ByteArray<10>& random) noexcept;
};

}  // namespace florin
