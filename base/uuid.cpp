#include "base/uuid.h"

#include <algorithm>

#include "base/uint128.h"

namespace florin {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kTextLength = 26;

}  // namespace

std::string Uuid::text() const {
  // 130 bits of digits for 128 bits of value: the first digit carries only three bits.
  std::string out(kTextLength, '0');
  Uint128 value = 0;
  for (const std::uint8_t byte : bytes) value = (value << 8U) | byte;
  for (std::size_t i = kTextLength; i-- > 0;) {
    out[i] = kDigits[static_cast<std::size_t>(value & 31U)];
    value >>= 5U;
  }
  return out;
}

Result<Uuid> Uuid::parse(std::string_view text) {
  const Error malformed(Errc::malformed_value, {}, "not an identifier");
  if (text.size() != kTextLength || text[0] > '7') return malformed;
  Uint128 value = 0;
  for (const char digit : text) {
    const std::size_t at = kDigits.find(digit);
    if (at == std::string_view::npos) return malformed;
    value = (value << 5U) | at;
  }
  Uuid out;
  for (std::size_t i = 16; i-- > 0;) {
    out.bytes[i] = static_cast<std::uint8_t>(value);
    value >>= 8U;
  }
  return out;
}

Uuid Uuid::from(BytesView sixteen_bytes) {
  FLORIN_ASSERT(sixteen_bytes.size() == 16);
  Uuid out;
  std::copy(sixteen_bytes.begin(), sixteen_bytes.end(), out.bytes.begin());
  return out;
}

Uuid Uuid::v7(std::int64_t unix_ms, const ByteArray<10>& random) noexcept {
  Uuid out;
  for (std::size_t i = 0; i < 6; ++i) {
    out.bytes[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(unix_ms) >> (8 * (5 - i)));
  }
  std::copy(random.begin(), random.end(), out.bytes.begin() + 6);
  out.bytes[6] = static_cast<std::uint8_t>(0x70U | (out.bytes[6] & 0x0FU));
  out.bytes[8] = static_cast<std::uint8_t>(0x80U | (out.bytes[8] & 0x3FU));
  return out;
}

}  // namespace florin
