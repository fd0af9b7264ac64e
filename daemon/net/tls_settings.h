#pragma once
/// What all TLS contexts of the house have in common. Private to this room.
#include <openssl/ssl.h>

namespace florin::net {

/// ALPN, as it stands in a hello.
inline constexpr unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

/// TLS 1.3, or 1.2 with AEAD suites; no renegotiation, no compression; keys of 112 bits of security
/// at least (RSA 2048); never asks a terminal for a passphrase. False on failure.
bool restrict_context(SSL_CTX* context);
/// Speaks HTTP/1.1 and refuses a client that offers only other protocols.
void select_http11(SSL_CTX* context);

}  // namespace florin::net
