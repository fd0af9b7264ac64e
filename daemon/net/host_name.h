#pragma once
/// Host names as TLS and HTTP compare them. Pure. Private to this room.
#include <string>
#include <string_view>

namespace florin::net {

/// A name without port, without the root's dot, in lower case: "Pay.Example.:8443" is
/// "pay.example". An address in brackets loses them.
std::string normal_host(std::string_view authority);

/// A domain as the certificate folder may name it: labels of [a-z0-9-], or a star for the first of
/// at least three; at most 253 bytes. The text must be normal already.
bool valid_domain(std::string_view domain);

/// "*.b.c" for "a.b.c"; empty when there is no label to give up.
std::string wildcard_of(std::string_view host);

}  // namespace florin::net
