#include "daemon/identity/signed_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/hash.h"
#include "daemon/http/query.h"

namespace florin::identity {
namespace {

constexpr std::string_view kScheme = "HMAC-SHA256 ";
constexpr std::size_t kHeaderLimit = 512;

Error bad_header(std::string_view why) {
  return Error(Errc::credential_invalid, "Authorization", std::string(why));
}

// One `name="value"`; the value has no quotes or backslashes.
bool take_parameter(std::string_view& rest, std::string_view& name, std::string_view& value) {
  const std::size_t equals = rest.find("=\"");
  if (equals == std::string_view::npos) return false;
  name = rest.substr(0, equals);
  rest.remove_prefix(equals + 2);
  const std::size_t end = rest.find('"');
  if (end == std::string_view::npos) return false;
  value = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  if (rest.empty()) return true;
  if (rest.front() != ',' || rest.size() == 1) return false;
  rest.remove_prefix(1);
  return true;
}

bool valid_key_id(std::string_view text) {
  return text.size() >= 4 && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '-';
         });
}

bool valid_nonce(std::string_view text) {
  return text.size() == 32 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

bool parse_seconds(std::string_view text, std::int64_t& out) {
  // No sign, no leading zero, no blanks: one spelling per time.
  if (text.empty() || text.size() > 12 || text[0] < '1' || text[0] > '9') return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

Result<Claim> parse_authorization(std::string_view header) {
  if (header.size() > kHeaderLimit) return bad_header("the header is too long");
  if (!header.starts_with(kScheme)) return bad_header("expected the scheme HMAC-SHA256");
  std::string_view rest = header.substr(kScheme.size());
  Claim claim;
  bool key = false, timestamp = false, nonce = false, signature = false;
  while (!rest.empty()) {
    std::string_view name, value;
    if (!take_parameter(rest, name, value)) return bad_header("the header is not well formed");
    if (name == "key" && !key && valid_key_id(value)) {
      claim.key_id = value;
      key = true;
    } else if (name == "ts" && !timestamp && parse_seconds(value, claim.timestamp_s)) {
      timestamp = true;
    } else if (name == "nonce" && !nonce && valid_nonce(value)) {
      claim.nonce = value;
      nonce = true;
    } else if (name == "sig" && !signature) {
      auto bytes = from_base64(value);
      if (!bytes.ok() || bytes->size() != 32) return bad_header("parameter sig is not valid");
      claim.signature = std::move(*bytes);
      signature = true;
    } else {
      return bad_header(fmt::format("parameter {} is not valid", valid_key_id(name) ? name : "?"));
    }
  }
  if (!key || !timestamp || !nonce || !signature) return bad_header("a parameter is missing");
  return claim;
}

Result<std::string> canonical_text(const http::Request& request, const Claim& claim,
                                   std::string_view idempotency_key) {
  FLORIN_TRY(http::QueryPairs query, http::parse_query(request.query()));
  std::string authority(request.headers.get("Host").value_or(""));
  std::transform(authority.begin(), authority.end(), authority.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return fmt::format("HMAC-SHA256-V1\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}", claim.key_id,
                     claim.timestamp_s, claim.nonce, request.method, authority, request.path(),
                     http::canonical_query(std::move(query)), to_hex(sha256(view_of(request.body))),
                     request.headers.get("Content-Type").value_or(""), idempotency_key);
}

Result<void> verify_claim(const http::Request& request, const Claim& claim,
                          std::string_view idempotency_key, const Secret* secret, UnixNanos now) {
  const std::int64_t now_s = now / kNanosPerSecond;
  if (claim.timestamp_s < now_s - kWindow_s || claim.timestamp_s > now_s + kWindow_s) {
    return Error(Errc::timestamp_skew, "Authorization",
                 fmt::format("ts must be within {} seconds of the server's time", kWindow_s));
  }
  FLORIN_TRY(std::string text, canonical_text(request, claim, idempotency_key));
  const ByteArray<48> dummy{};
  const BytesView key = secret == nullptr ? BytesView(dummy) : secret->view();
  const bool equal = equal_constant_time(hmac_sha256(key, {view_of(text)}), claim.signature);
  if (!equal || secret == nullptr) {
    return Error(Errc::signature_invalid, "Authorization",
                 "the key is not known or the signature does not fit the request");
  }
  return {};
}

Result<std::string> parse_idempotency_key(std::string_view header) {
  std::string_view text = header;
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    text = text.substr(1, text.size() - 2);
  }
  const bool good =
      text.size() >= 16 && text.size() <= 255 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_' || c == ':' || c == '~' || c == '-';
      });
  if (!good) {
    return Error(Errc::idempotency_key_invalid, "Idempotency-Key",
                 "expected 16 to 255 letters, digits or . _ : ~ -");
  }
  return std::string(text);
}

}  // namespace florin::identity
