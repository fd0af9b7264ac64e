#include "ledger/verify/text_writer.h"

#include <array>
#include <chrono>

#include "base/clock.h"

namespace florin::verify {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kBase32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t kMostDigits = 39;
constexpr std::uint64_t kTenTo18 = 1'000'000'000'000'000'000U;

// Writes `count` digits with leading zeroes at `at`.
void put_digits(char* at, std::uint64_t value, std::size_t count) {
  while (count-- > 0) {
    at[count] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

}  // namespace

TextWriter& TextWriter::number(std::uint64_t value) {
  std::array<char, kMostDigits> digits;
  std::size_t at = digits.size();
  do {
    digits[--at] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  out_.append(digits.data() + at, digits.size() - at);
  return *this;
}

TextWriter& TextWriter::whole(std::int64_t value) {
  if (value >= 0) return number(static_cast<std::uint64_t>(value));
  out_.push_back('-');
  return number(std::uint64_t{0} - static_cast<std::uint64_t>(value));
}

TextWriter& TextWriter::total(Uint128 value) {
  // Division of 128 bits is slow: at most once for 18 digits.
  if (value >> 64U == 0) return number(static_cast<std::uint64_t>(value));
  total(value / kTenTo18);
  const std::size_t at = out_.size();
  out_.resize(at + 18);
  put_digits(out_.data() + at, static_cast<std::uint64_t>(value % kTenTo18), 18);
  return *this;
}

TextWriter& TextWriter::net(Int128 value) {
  if (value >= 0) return total(static_cast<Uint128>(value));
  out_.push_back('-');
  return total(Uint128{0} - static_cast<Uint128>(value));
}

TextWriter& TextWriter::id(const Uuid& value) {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    high = (high << 8U) | value.bytes[i];
    low = (low << 8U) | value.bytes[i + 8];
  }
  // 26 digits of five bits: 13 of the low 65 bits, then 13 of the high 63.
  std::array<char, 26> digits;
  for (std::size_t i = 0; i < 12; ++i) digits[25 - i] = kBase32[(low >> (5 * i)) & 31U];
  digits[13] = kBase32[(low >> 60U) | ((high & 1U) << 4U)];
  high >>= 1U;
  for (std::size_t i = 0; i < 13; ++i) digits[12 - i] = kBase32[(high >> (5 * i)) & 31U];
  out_.append(digits.data(), digits.size());
  return *this;
}

TextWriter& TextWriter::hex(BytesView bytes) {
  std::size_t at = out_.size();
  out_.resize(at + bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    out_[at++] = kHex[byte >> 4U];
    out_[at++] = kHex[byte & 15U];
  }
  return *this;
}

TextWriter& TextWriter::base64(BytesView bytes) {
  std::size_t at = out_.size();
  out_.resize(at + (bytes.size() + 2) / 3 * 4, '=');
  char* const out = out_.data();
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    const std::uint32_t word =
        (std::uint32_t{bytes[i]} << 16U) | (std::uint32_t{bytes[i + 1]} << 8U) | bytes[i + 2];
    out[at++] = kBase64[word >> 18U];
    out[at++] = kBase64[(word >> 12U) & 63U];
    out[at++] = kBase64[(word >> 6U) & 63U];
    out[at++] = kBase64[word & 63U];
  }
  const std::size_t rest = bytes.size() - i;
  if (rest == 0) return *this;
  std::uint32_t word = std::uint32_t{bytes[i]} << 16U;
  if (rest == 2) word |= std::uint32_t{bytes[i + 1]} << 8U;
  out[at++] = kBase64[word >> 18U];
  out[at++] = kBase64[(word >> 12U) & 63U];
  if (rest == 2) out[at] = kBase64[(word >> 6U) & 63U];
  return *this;
}

TextWriter& TextWriter::time(std::int64_t unix_ns) {
  const auto seconds = static_cast<std::uint64_t>(unix_ns / kNanosPerSecond);
  const std::chrono::year_month_day date{
      std::chrono::sys_days(std::chrono::days(static_cast<std::int64_t>(seconds / 86'400)))};
  const std::uint64_t second = seconds % 86'400;
  std::array<char, 30> digits{'0', '0', '0', '0', '-', '0', '0', '-', '0', '0',
                              'T', '0', '0', ':', '0', '0', ':', '0', '0', '.',
                              '0', '0', '0', '0', '0', '0', '0', '0', '0', 'Z'};
  put_digits(digits.data(), static_cast<std::uint64_t>(static_cast<int>(date.year())), 4);
  put_digits(digits.data() + 5, static_cast<unsigned>(date.month()), 2);
  put_digits(digits.data() + 8, static_cast<unsigned>(date.day()), 2);
  put_digits(digits.data() + 11, second / 3600, 2);
  put_digits(digits.data() + 14, second / 60 % 60, 2);
  put_digits(digits.data() + 17, second % 60, 2);
  put_digits(digits.data() + 20, static_cast<std::uint64_t>(unix_ns % kNanosPerSecond), 9);
  out_.append(digits.data(), digits.size());
  return *this;
}

TextWriter& TextWriter::quoted(std::string_view value) {
  out_.push_back('"');
  for (const char letter : value) {
    if (letter == '"' || letter == '\\') out_.push_back('\\');
    out_.push_back(letter);
  }
  out_.push_back('"');
  return *this;
}

}  // namespace florin::verify
