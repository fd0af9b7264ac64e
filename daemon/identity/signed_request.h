#pragma once
/// HMAC request signing (D13): the Authorization header, the canonical text of eleven lines, and
/// the check of both. Pure.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/secret.h"
#include "daemon/http/message.h"

namespace florin::identity {

/// What the header says; nothing of it is proven yet.
struct Claim {
  std::string key_id;  ///< "ak_…"
  std::int64_t timestamp_s = 0;
  std::string nonce;  ///< 32 lower-case hexadecimal digits
  Bytes signature;    ///< 32 bytes
};

/// Takes `HMAC-SHA256 key="…",ts="…",nonce="…",sig="…"`, each parameter once, in any order.
/// Error: `credential_invalid`.
Result<Claim> parse_authorization(std::string_view header);

/// The signed text: eleven lines joined by line feeds. Errors: `malformed_value` (query).
Result<std::string> canonical_text(const http::Request& request, const Claim& claim,
                                   std::string_view idempotency_key);

inline constexpr std::int64_t kWindow_s = 300;

/// Proves a claim. `secret` is null when the key is unknown or disabled: the same work is then done
/// with a dummy secret, so the time tells nothing. Errors: `timestamp_skew`, `signature_invalid`.
Result<void> verify_claim(const http::Request& request, const Claim& claim,
                          std::string_view idempotency_key, const Secret* secret, UnixNanos now);

/// The value of an Idempotency-Key header: a structured-field string or a bare token, 16 to 255 of
/// [A-Za-z0-9._:~-]. Errors: `idempotency_key_invalid`.
Result<std::string> parse_idempotency_key(std::string_view header);

}  // namespace florin::identity
