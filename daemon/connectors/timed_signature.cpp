#include "daemon/connectors/timed_signature.h"

#include <charconv>
#include <string>
#include <vector>

#include "base/hash.h"

namespace florin::connectors {
namespace {

constexpr std::size_t kMaxBytes = 1024;
constexpr std::size_t kMaxElements = 8;

Error not_ours() {
  return Error(Errc::header_invalid, {}, "the signature has another form");
}

struct Elements {
  std::string_view time;
  std::vector<Bytes> signatures;
};

Result<Elements> read_elements(std::string_view header) {
  if (header.size() > kMaxBytes) return not_ours();
  Elements out;
  for (std::size_t count = 0; !header.empty(); ++count) {
    if (count == kMaxElements) return not_ours();
    const std::size_t comma = header.find(',');
    const std::string_view element = header.substr(0, comma);
    header = comma == std::string_view::npos ? std::string_view() : header.substr(comma + 1);
    if (element.starts_with("t=")) {
      if (!out.time.empty()) return not_ours();
      out.time = element.substr(2);
    } else if (element.starts_with("v1=")) {
      auto bytes = from_hex(element.substr(3));
      if (!bytes.ok() || bytes->size() != 32) return not_ours();
      out.signatures.push_back(std::move(*bytes));
    }
  }
  if (out.time.empty() || out.signatures.empty()) return not_ours();
  return out;
}

Result<std::int64_t> seconds_of(std::string_view text) {
  std::int64_t value = 0;
  const char* const first = text.data();
  const char* const last = first + text.size();
  const auto [end, failure] = std::from_chars(first, last, value);
  // One text for each time, so that what is signed is what is compared.
  if (failure != std::errc() || end != last || value <= 0 || std::to_string(value) != text) {
    return not_ours();
  }
  return value;
}

}  // namespace

Result<void> check_timed_signature(std::optional<std::string_view> header, std::string_view body,
                                   std::span<const Secret> secrets, UnixNanos now) {
  if (!header) return Error(Errc::header_invalid, {}, "the signature is missing");
  FLORIN_TRY(const Elements elements, read_elements(*header));
  FLORIN_TRY(const std::int64_t signed_at_s, seconds_of(elements.time));
  const std::int64_t now_s = now / kNanosPerSecond;
  if (signed_at_s > now_s + kSignatureTolerance_s || signed_at_s < now_s - kSignatureTolerance_s) {
    return Error(Errc::timestamp_skew, {}, "the signed time is too far from ours");
  }
  bool good = false;
  for (const Secret& secret : secrets) {
    const Hash32 expected =
        hmac_sha256(secret.view(), {view_of(elements.time), view_of("."), view_of(body)});
    for (const Bytes& signature : elements.signatures) {
      const bool same = equal_constant_time(expected, signature);
      good = good || same;
    }
  }
  if (!good) return Error(Errc::signature_invalid, {}, "the signature is not of this body");
  return {};
}

}  // namespace florin::connectors
