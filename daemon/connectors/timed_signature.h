#pragma once
/// Signatures of the form "t=<seconds>,v1=<hex>[,v1=<hex>…]": HMAC-SHA-256 over "<t>.<body>".
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/clock.h"
#include "base/secret.h"

namespace florin::connectors {

/// Seconds by which a signed time may differ from ours, inclusive.
inline constexpr std::int64_t kSignatureTolerance_s = 300;

/// Takes the header's value, or nothing when it is not there exactly once. Elements of other names
/// are skipped; at most 8 elements and 1024 bytes. Any secret may have made any of the signatures;
/// all are compared in constant time. Errors: `header_invalid`, `timestamp_skew`,
/// `signature_invalid`.
Result<void> check_timed_signature(std::optional<std::string_view> header, std::string_view body,
                                   std::span<const Secret> secrets, UnixNanos now);

}  // namespace florin::connectors
