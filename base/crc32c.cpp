// CRC-32C: the processor's instruction where there is one, else eight tables.
#include <array>
#include <cstring>

#include "base/hash.h"

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace florin {
namespace {

constexpr std::uint32_t kPolynomial = 0x82F63B78U;  // reflected
constexpr std::size_t kSlices = 8;
using CrcTables = std::array<std::array<std::uint32_t, 256>, kSlices>;

constexpr CrcTables make_tables() {
  CrcTables tables{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value & 1U) != 0 ? (value >> 1U) ^ kPolynomial : value >> 1U;
    }
    tables[0][i] = value;
  }
  // tables[s][i] is i followed by s zero bytes.
  for (std::size_t slice = 1; slice < kSlices; ++slice) {
    for (std::uint32_t i = 0; i < 256; ++i) {
      const std::uint32_t before = tables[slice - 1][i];
      tables[slice][i] = tables[0][before & 0xFFU] ^ (before >> 8U);
    }
  }
  return tables;
}

constexpr CrcTables kTables = make_tables();

std::uint32_t by_tables(BytesView bytes, std::uint32_t crc) noexcept {
  for (; bytes.size() >= kSlices; bytes = bytes.subspan(kSlices)) {
    std::uint32_t next = 0;
    for (std::size_t i = 0; i < kSlices; ++i) {
      const std::uint32_t carried = i < 4 ? (crc >> (8U * i)) & 0xFFU : 0;
      next ^= kTables[kSlices - 1 - i][carried ^ bytes[i]];
    }
    crc = next;
  }
  for (const std::uint8_t byte : bytes) crc = kTables[0][(crc ^ byte) & 0xFFU] ^ (crc >> 8U);
  return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t by_instruction(BytesView bytes,
                                                               std::uint32_t crc) noexcept {
  std::uint64_t wide = crc;
  for (; bytes.size() >= sizeof(std::uint64_t); bytes = bytes.subspan(sizeof(std::uint64_t))) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    wide = _mm_crc32_u64(wide, word);
  }
  crc = static_cast<std::uint32_t>(wide);
  for (const std::uint8_t byte : bytes) crc = _mm_crc32_u8(crc, byte);
  return crc;
}

bool has_instruction() noexcept {
  static const bool known = __builtin_cpu_supports("sse4.2") != 0;
  return known;
}
#endif

}  // namespace

std::uint32_t crc32c(BytesView bytes, std::uint32_t seed) noexcept {
#if defined(__x86_64__)
  if (has_instruction()) return ~by_instruction(bytes, ~seed);
#endif
  return ~by_tables(bytes, ~seed);
}

std::uint32_t crc32c_portable(BytesView bytes, std::uint32_t seed) noexcept {
  return ~by_tables(bytes, ~seed);
}

}  // namespace florin
