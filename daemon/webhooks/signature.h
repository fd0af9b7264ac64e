#pragma once
/// Signatures of Standard Webhooks 1.0.0: `v1`, HMAC-SHA-256 over "id.timestamp.body".
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace florin::webhooks {

/// Seconds by which a message's timestamp may differ from the receiver's clock, inclusive.
inline constexpr std::int64_t kToleranceSeconds = 300;
/// Length of the secrets that we make: base64 of it needs no padding.
inline constexpr std::size_t kSecretBytes = 48;

/// The text form of a secret, "whsec_" and base64; the caller wipes it.
std::string secret_text(BytesView secret);
/// The key of a secret in text form: 24 to 64 bytes. Error: `malformed_value`.
Result<Secret> parse_secret(std::string_view text);

/// [A-Za-z0-9_-]{1,64}: without a full stop, which would make the signed text ambiguous.
bool valid_message_id(std::string_view id) noexcept;

/// One entry of the signature header: "v1," and base64. `timestamp_s` is in seconds since 1970.
std::string sign_v1(BytesView secret, std::string_view message_id, std::int64_t timestamp_s,
                    std::string_view body);

/// Values of the three headers of a message.
struct MessageHeaders {
  std::string id;         ///< webhook-id
  std::string timestamp;  ///< webhook-timestamp
  std::string signature;  ///< webhook-signature
};

/// Signs for every secret (the present one first), entries separated by exactly one space.
/// Error: `malformed_value` when the id is not a valid one, the timestamp is not positive or there
/// is no secret.
Result<MessageHeaders> sign(std::span<const BytesView> secrets, std::string_view message_id,
                            std::int64_t timestamp_s, std::string_view body);

/// The headers as a receiver got them; absent ones are empty options.
struct ReceivedHeaders {
  std::optional<std::string_view> id;
  std::optional<std::string_view> timestamp;
  std::optional<std::string_view> signature;
};

/// Strict verification: identifier and timestamp in their one allowed form, at most 8 entries and
/// 2048 bytes of signature header; an entry of another shape or another version is skipped.
/// Errors: `header_invalid` (shape), `timestamp_skew`, `signature_invalid`. Compares in constant
/// time.
Result<void> verify(BytesView secret, const ReceivedHeaders& headers, std::string_view body,
                    std::int64_t now_s, std::int64_t tolerance_s = kToleranceSeconds);

}  // namespace florin::webhooks
