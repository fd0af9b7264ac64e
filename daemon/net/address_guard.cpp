#include "daemon/net/address_guard.h"

#include <arpa/inet.h>

#include <algorithm>
#include <string>

namespace florin::net {
namespace {

struct Network4 {
  std::uint32_t address;
  int bits;
  AddressClass address_class;
};

constexpr std::uint32_t v4(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  return a << 24 | b << 16 | c << 8 | d;
}

using enum AddressClass;

/// IANA special-purpose registries; the longest match wins.
constexpr Network4 kNetworks4[] = {
    {v4(0, 0, 0, 0), 8, never},  // this network
    {v4(10, 0, 0, 0), 8, private_network},
    {v4(100, 64, 0, 0), 10, private_network},  // carrier-grade NAT
    {v4(100, 100, 100, 200), 32, never},       // a cloud's metadata service
    {v4(127, 0, 0, 0), 8, never},              // loopback
    {v4(168, 63, 129, 16), 32, never},         // a cloud's host agent
    {v4(169, 254, 0, 0), 16, never},           // link-local, metadata services
    {v4(172, 16, 0, 0), 12, private_network},
    {v4(192, 0, 0, 0), 24, never},    // IETF protocols
    {v4(192, 0, 2, 0), 24, never},    // documentation
    {v4(192, 88, 99, 0), 24, never},  // 6to4 relays
    {v4(192, 168, 0, 0), 16, private_network},
    {v4(198, 18, 0, 0), 15, never},    // benchmarking
    {v4(198, 51, 100, 0), 24, never},  // documentation
    {v4(203, 0, 113, 0), 24, never},   // documentation
    {v4(224, 0, 0, 0), 4, never},      // multicast
    {v4(240, 0, 0, 0), 4, never},      // reserved, broadcast
};

struct Network6 {
  AddressBytes address;
  int bits;
  AddressClass address_class;
};

constexpr AddressBytes v6(std::uint8_t a, std::uint8_t b, std::uint8_t c = 0, std::uint8_t d = 0) {
  return {a, b, c, d};
}

/// Beside global unicast (2000::/3) only unique local addresses are not `never`. Whatever embeds an
/// IPv4 address (NAT64, 6to4, Teredo, IPv4-compatible) is `never`, whichever address it embeds.
constexpr Network6 kNetworks6[] = {
    {v6(0x20, 0x00), 3, public_internet},
    {v6(0x20, 0x01), 23, never},              // IETF protocols, Teredo, ORCHID, benchmarking
    {v6(0x20, 0x01, 0x0d, 0xb8), 32, never},  // documentation
    {v6(0x20, 0x02), 16, never},              // 6to4
    {v6(0x3f, 0xff), 20, never},              // documentation
    {v6(0xfc, 0x00), 7, private_network},     // unique local
    {{0xfd, 0x00, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54}, 128, never},  // metadata
};

bool within(const AddressBytes& address, const AddressBytes& network, int bits) noexcept {
  for (std::size_t i = 0; i < address.size() && bits > 0; ++i, bits -= 8) {
    const auto mask = static_cast<std::uint8_t>(bits >= 8 ? 0xff : 0xff << (8 - bits));
    if (((address[i] ^ network[i]) & mask) != 0) return false;
  }
  return true;
}

AddressClass classify4(std::uint32_t address) noexcept {
  AddressClass found = public_internet;
  int longest = -1;
  for (const Network4& network : kNetworks4) {
    if ((address ^ network.address) >> (32 - network.bits) != 0 || network.bits <= longest)
      continue;
    longest = network.bits;
    found = network.address_class;
  }
  return found;
}

constexpr AddressBytes kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

AddressClass classify(const AddressBytes& address) noexcept {
  if (within(address, kMapped, 96)) {
    return classify4(v4(address[12], address[13], address[14], address[15]));
  }
  AddressClass found = never;
  int longest = -1;
  for (const Network6& network : kNetworks6) {
    if (network.bits <= longest || !within(address, network.address, network.bits)) continue;
    longest = network.bits;
    found = network.address_class;
  }
  return found;
}

std::optional<AddressBytes> parse_address(std::string_view text) noexcept {
  // inet_pton takes neither short forms nor octal or hexadecimal octets, nor a zone.
  std::array<char, INET6_ADDRSTRLEN + 1> terminated{};
  if (text.empty() || text.size() >= terminated.size() ||
      text.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  std::copy(text.begin(), text.end(), terminated.begin());
  AddressBytes address = kMapped;
  if (inet_pton(AF_INET, terminated.data(), address.data() + 12) == 1) return address;
  if (inet_pton(AF_INET6, terminated.data(), address.data()) == 1) return address;
  return std::nullopt;
}

}  // namespace florin::net
