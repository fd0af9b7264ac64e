#include "base/bytes.h"

#include <array>

namespace florin {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64Digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// The value of each base64 digit, kNoDigit for other bytes: a search per digit would be what takes
// longest in the verification of an export.
constexpr std::uint8_t kNoDigit = 64;
constexpr std::array<std::uint8_t, 256> kBase64Values = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (std::size_t i = 0; i < kBase64Digits.size(); ++i) {
    values[static_cast<unsigned char>(kBase64Digits[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}();

int hex_value(char digit) noexcept {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

Error malformed(std::string_view what) {
  return Error(Errc::malformed_value, {}, std::string(what));
}

}  // namespace

BytesView view_of(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string_view text_of(BytesView bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Bytes to_bytes(BytesView bytes) {
  return {bytes.begin(), bytes.end()};
}

std::string to_hex(BytesView bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    out.push_back(kHexDigits[byte >> 4U]);
    out.push_back(kHexDigits[byte & 15U]);
  }
  return out;
}

Result<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return malformed("hexadecimal text has an odd length");
  Bytes out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return malformed("not a hexadecimal digit");
    out.push_back(static_cast<std::uint8_t>(high * 16 + low));
  }
  return out;
}

std::string to_base64(BytesView bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t word = static_cast<std::uint32_t>(bytes[i]) << 16U;
    if (i + 1 < bytes.size()) word |= static_cast<std::uint32_t>(bytes[i + 1]) << 8U;
    if (i + 2 < bytes.size()) word |= bytes[i + 2];
    out.push_back(kBase64Digits[(word >> 18U) & 63U]);
    out.push_back(kBase64Digits[(word >> 12U) & 63U]);
    out.push_back(i + 1 < bytes.size() ? kBase64Digits[(word >> 6U) & 63U] : '=');
    out.push_back(i + 2 < bytes.size() ? kBase64Digits[word & 63U] : '=');
  }
  return out;
}

Result<Bytes> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return malformed("base64 text is not padded to a multiple of four");
  Bytes out;
  out.reserve(text.size() / 4 * 3);
  const auto value_at = [&](std::size_t at) -> std::uint32_t {
    return kBase64Values[static_cast<unsigned char>(text[at])];
  };
  std::size_t i = 0;
  // All but the last group, which alone may be padded; a bad one is left to the loop below.
  for (; i + 4 < text.size(); i += 4) {
    const std::array<std::uint32_t, 4> digits{value_at(i), value_at(i + 1), value_at(i + 2),
                                              value_at(i + 3)};
    if (((digits[0] | digits[1] | digits[2] | digits[3]) & kNoDigit) != 0) break;
    const std::uint32_t word =
        (digits[0] << 18U) | (digits[1] << 12U) | (digits[2] << 6U) | digits[3];
    const std::array<std::uint8_t, 3> bytes{static_cast<std::uint8_t>(word >> 16U),
                                            static_cast<std::uint8_t>(word >> 8U),
                                            static_cast<std::uint8_t>(word)};
    out.insert(out.end(), bytes.begin(), bytes.end());
  }
  for (; i < text.size(); i += 4) {
    std::uint32_t word = 0;
    std::size_t padding = 0;
    for (std::size_t j = 0; j < 4; ++j) {
      const char digit = text[i + j];
      const bool last_group = i + 4 == text.size();
      if (digit == '=' && last_group && j >= 2) {
        ++padding;
        word <<= 6U;
        continue;
      }
      const std::uint8_t value = kBase64Values[static_cast<unsigned char>(digit)];
      if (padding != 0 || value == kNoDigit) return malformed("not base64");
      word = (word << 6U) | value;
    }
    const bool loose_bits =
        (padding == 1 && (word & 0xFFU) != 0) || (padding == 2 && (word & 0xFFFFU) != 0);
    if (loose_bits) return malformed("base64 is not canonical");
    out.push_back(static_cast<std::uint8_t>(word >> 16U));
    if (padding < 2) out.push_back(static_cast<std::uint8_t>(word >> 8U));
    if (padding < 1) out.push_back(static_cast<std::uint8_t>(word));
  }
  return out;
}

void ByteWriter::sized(BytesView bytes) {
  u32(static_cast<std::uint32_t>(bytes.size()));
  raw(bytes);
}

BytesView ByteReader::raw(std::size_t count) {
  if (!ok_ || count > remaining()) {
    ok_ = false;
    return {};
  }
  const BytesView part = in_.subspan(at_, count);
  at_ += count;
  return part;
}

std::uint8_t ByteReader::u8() {
  const BytesView part = raw(1);
  return part.empty() ? std::uint8_t{0} : part[0];
}

std::uint64_t ByteReader::u64() {
  std::uint64_t value = 0;
  const BytesView part = raw(8);
  for (std::size_t i = part.size(); i-- > 0;) value = (value << 8U) | part[i];
  return value;
}

std::uint32_t ByteReader::u32() {
  std::uint32_t value = 0;
  const BytesView part = raw(4);
  for (std::size_t i = part.size(); i-- > 0;) value = (value << 8U) | part[i];
  return value;
}

std::uint16_t ByteReader::u16() {
  const BytesView part = raw(2);
  if (part.empty()) return 0;
  return static_cast<std::uint16_t>(part[0] | (part[1] << 8U));
}

std::uint16_t ByteReader::u16_be() {
  const BytesView part = raw(2);
  if (part.empty()) return 0;
  return static_cast<std::uint16_t>((part[0] << 8U) | part[1]);
}

std::uint32_t ByteReader::u32_be() {
  std::uint32_t value = 0;
  for (const std::uint8_t byte : raw(4)) value = (value << 8U) | byte;
  return value;
}

std::uint64_t ByteReader::u64_be() {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : raw(8)) value = (value << 8U) | byte;
  return value;
}

BytesView ByteReader::sized(std::size_t limit) {
  const std::uint32_t count = u32();
  if (count > limit) {
    ok_ = false;
    return {};
  }
  return raw(count);
}

}  // namespace florin
