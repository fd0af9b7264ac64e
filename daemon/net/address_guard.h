#pragma once
/// Which addresses a request to a URL that a merchant chose may go to. Pure: the judgement is made
/// on the address that is dialled, so no name and no notation can get around it.
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace florin::net {

enum class AddressClass : std::uint8_t {
  public_internet,
  private_network,  ///< RFC 1918, RFC 6598, RFC 4193: reachable inside a house
  never,  ///< loopback, link-local, multicast, embedded IPv4, metadata services, unassigned
};

/// An IPv6 address, or an IPv4 address as IPv4-mapped IPv6, in network order.
using AddressBytes = std::array<std::uint8_t, 16>;

AddressClass classify(const AddressBytes& address) noexcept;
/// Strict text form: four decimal octets, or RFC 4291 §2.2 without zone.
std::optional<AddressBytes> parse_address(std::string_view text) noexcept;

}  // namespace florin::net
