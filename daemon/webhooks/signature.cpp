#include "daemon/webhooks/signature.h"

#include <algorithm>
#include <charconv>

#include "base/hash.h"

namespace florin::webhooks {
namespace {

constexpr std::string_view kSecretPrefix = "whsec_";
constexpr std::string_view kVersionPrefix = "v1,";
constexpr std::size_t kMinSecretBytes = 24;
constexpr std::size_t kMaxSecretBytes = 64;
constexpr std::size_t kMaxMessageIdLength = 64;
constexpr std::size_t kMaxTimestampDigits = 12;
constexpr std::size_t kMaxEntries = 8;
constexpr std::size_t kMaxSignatureHeaderBytes = 2048;

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
bool is_alphanumeric(char c) noexcept {
  return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// [1-9][0-9]{0,11}: receivers disagree about signs, leading zeroes (octal in one) and fractions.
std::optional<std::int64_t> parse_timestamp(std::string_view text) noexcept {
  if (text.empty() || text.size() > kMaxTimestampDigits || text.front() == '0' ||
      !std::all_of(text.begin(), text.end(), is_digit)) {
    return std::nullopt;
  }
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// Compares one entry with what is expected. Entries of other versions do not begin as ours do, so
// one comparison of the whole text also skips them and entries of another shape.
bool entry_matches(std::string_view entry, std::string_view expected) noexcept {
  return entry.starts_with(kVersionPrefix) && entry.size() == expected.size() &&
         equal_constant_time(view_of(entry), view_of(expected));
}

}  // namespace

std::string secret_text(BytesView secret) {
  std::string encoded = to_base64(secret);
  std::string text = std::string(kSecretPrefix) + encoded;
  wipe(encoded);
  return text;
}

Result<Secret> parse_secret(std::string_view text) {
  if (!text.starts_with(kSecretPrefix)) {
    return Error(Errc::malformed_value, {}, "A webhook secret begins with whsec_.");
  }
  FLORIN_TRY(Bytes key, from_base64(text.substr(kSecretPrefix.size())));
  Secret secret(key);
  wipe(key);
  if (secret.size() < kMinSecretBytes || secret.size() > kMaxSecretBytes) {
    return Error(Errc::malformed_value, {}, "A webhook secret has 24 to 64 bytes.");
  }
  return secret;
}

bool valid_message_id(std::string_view id) noexcept {
  return !id.empty() && id.size() <= kMaxMessageIdLength &&
         std::all_of(id.begin(), id.end(),
                     [](char c) { return is_alphanumeric(c) || c == '_' || c == '-'; });
}

std::string sign_v1(BytesView secret, std::string_view message_id, std::int64_t timestamp_s,
                    std::string_view body) {
  const std::string middle = "." + std::to_string(timestamp_s) + ".";
  const Hash32 mac = hmac_sha256(secret, {view_of(message_id), view_of(middle), view_of(body)});
  return std::string(kVersionPrefix) + to_base64(mac);
}

Result<MessageHeaders> sign(std::span<const BytesView> secrets, std::string_view message_id,
                            std::int64_t timestamp_s, std::string_view body) {
  if (!valid_message_id(message_id)) {
    return Error(Errc::malformed_value, "webhook-id", "not a valid message identifier");
  }
  if (timestamp_s <= 0 || secrets.empty() || secrets.size() > kMaxEntries) {
    return Error(Errc::malformed_value, {}, "a timestamp and one to eight secrets are needed");
  }
  MessageHeaders headers{std::string(message_id), std::to_string(timestamp_s), {}};
  for (const BytesView secret : secrets) {
    if (!headers.signature.empty()) headers.signature += ' ';
    headers.signature += sign_v1(secret, message_id, timestamp_s, body);
  }
  return headers;
}

Result<void> verify(BytesView secret, const ReceivedHeaders& headers, std::string_view body,
                    std::int64_t now_s, std::int64_t tolerance_s) {
  if (!headers.id || !valid_message_id(*headers.id)) {
    return Error(Errc::header_invalid, "webhook-id", "absent or malformed");
  }
  const auto timestamp = headers.timestamp ? parse_timestamp(*headers.timestamp) : std::nullopt;
  if (!timestamp) return Error(Errc::header_invalid, "webhook-timestamp", "absent or malformed");
  if (!headers.signature || headers.signature->size() > kMaxSignatureHeaderBytes) {
    return Error(Errc::header_invalid, "webhook-signature", "absent or too long");
  }
  if (*timestamp < now_s - tolerance_s || *timestamp > now_s + tolerance_s) {
    return Error(Errc::timestamp_skew, "webhook-timestamp", {});
  }
  const std::string expected = sign_v1(secret, *headers.id, *timestamp, body);
  std::string_view rest = *headers.signature;
  std::size_t entries = 0;
  bool matched = false;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    const std::string_view entry = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (entry.empty()) continue;
    if (++entries > kMaxEntries) {
      return Error(Errc::header_invalid, "webhook-signature", "too many entries");
    }
    matched |= entry_matches(entry, expected);
  }
  if (!matched) return Error(Errc::signature_invalid, "webhook-signature", {});
  return {};
}

}  // namespace florin::webhooks
