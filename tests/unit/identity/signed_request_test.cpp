#include "daemon/identity/signed_request.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/hash.h"
#include "base/json.h"
#include "daemon/identity/nonce_cache.h"

namespace florin::identity::signed_request_test {
namespace {

json::value vectors() {
  std::ifstream file(std::string(FLORIN_TEST_DATA) + "/auth/request-auth.json");
  std::stringstream text;
  text << file.rdbuf();
  auto parsed = json::parse(text.str(), {.bytes = 1U << 20U, .members = 1000});
  EXPECT_TRUE(parsed.ok());
  return parsed.ok() ? *parsed : json::value();
}

std::string text_at(const json::value& json, std::string_view name) {
  return std::string(std::string_view(json.at(name).as_string()));
}

http::Request request_of(const json::value& vector) {
  const json::value& in = vector.at("request");
  http::Request request;
  request.method = text_at(in, "method");
  request.target = text_at(in, "target");
  request.headers.add("Host", text_at(in, "authority"));
  if (!text_at(in, "content_type").empty()) {
    request.headers.add("Content-Type", text_at(in, "content_type"));
  }
  request.body = std::string(text_of(*from_base64(text_at(in, "body_base64"))));
  return request;
}

std::string header_of(const json::value& vector) {
  return "HMAC-SHA256 key=\"" + text_at(vector, "key_id") + "\",ts=\"" +
         std::to_string(vector.at("timestamp").as_int64()) + "\",nonce=\"" +
         text_at(vector, "nonce") + "\",sig=\"" + text_at(vector, "signature") + "\"";
}

TEST(SignedRequest, ReproducesAllEightVectors) {
  const json::value all = vectors();
  const json::value& group = all.at("hmac_request_v1");
  const Secret secret(*from_hex(text_at(group, "key_hex")));
  std::size_t count = 0;
  for (const json::value& vector : group.at("vectors").as_array()) {
    SCOPED_TRACE(text_at(vector, "name"));
    const http::Request request = request_of(vector);
    const std::string key = text_at(vector.at("request"), "idempotency_key");
    const auto claim = parse_authorization(header_of(vector));
    ASSERT_TRUE(claim.ok()) << claim.error().to_log();
    const auto text = canonical_text(request, *claim, key);
    ASSERT_TRUE(text.ok());
    EXPECT_EQ(*text, text_at(vector, "canonical"));
    EXPECT_EQ(to_base64(hmac_sha256(secret.view(), {view_of(*text)})),
              text_at(vector, "signature"));
    const UnixNanos now = claim->timestamp_s * kNanosPerSecond;
    EXPECT_TRUE(verify_claim(request, *claim, key, &secret, now).ok());
    EXPECT_FALSE(verify_claim(request, *claim, key, nullptr, now).ok());
    ++count;
  }
  EXPECT_EQ(count, 8U);
}

class OneChange : public ::testing::Test {
 protected:
  OneChange() : secret_(*from_hex(std::string(96, 'a'))) {
    request_.method = "POST";
    request_.target = "/v1/payments?a=1&b=2";
    request_.headers.add("Host", "api.bank.example");
    request_.headers.add("Content-Type", "application/json");
    request_.body = "{}";
    claim_.key_id = "ak_1";
    claim_.timestamp_s = 1'760'000'000;
    claim_.nonce = std::string(32, '0');
    claim_.signature =
        to_bytes(hmac_sha256(secret_.view(), {view_of(*canonical_text(request_, claim_, kKey))}));
  }
  bool good(const http::Request& request, const Claim& claim, std::string_view key) const {
    return verify_claim(request, claim, key, &secret_, now_).ok();
  }
  static constexpr std::string_view kKey = "0123456789abcdef";
  Secret secret_;
  http::Request request_;
  Claim claim_;
  UnixNanos now_ = std::int64_t{1'760'000'000} * kNanosPerSecond;
};

TEST_F(OneChange, OfAnySignedPartIsRefused) {
  ASSERT_TRUE(good(request_, claim_, kKey));
  const auto with = [&](auto change) {
    http::Request request = request_;
    change(request);
    return good(request, claim_, kKey);
  };
  EXPECT_FALSE(with([](auto& r) { r.method = "PUT"; }));
  EXPECT_FALSE(with([](auto& r) { r.target = "/v1/Payments?a=1&b=2"; }));
  EXPECT_FALSE(with([](auto& r) { r.target = "/v1/payments?a=1&b=3"; }));
  EXPECT_FALSE(with([](auto& r) { r.body = "{ }"; }));
  EXPECT_FALSE(with([](auto& r) { r.headers.set("Host", "api.other.example"); }));
  EXPECT_FALSE(with([](auto& r) { r.headers.set("Content-Type", "text/plain"); }));
  EXPECT_FALSE(good(request_, claim_, "another-key-0000"));
  // The canonical query is sorted: order carries no meaning.
  EXPECT_TRUE(with([](auto& r) { r.target = "/v1/payments?b=2&a=1"; }));
}

TEST_F(OneChange, TheWindowIsExact) {
  const UnixNanos base = now_;
  for (const auto& [offset, expected] :
       {std::pair{-301, false}, {-300, true}, {0, true}, {300, true}, {301, false}}) {
    now_ = base + offset * kNanosPerSecond;
    EXPECT_EQ(good(request_, claim_, kKey), expected) << offset;
  }
}

TEST(Authorization, RefusesEveryOtherForm) {
  const std::string nonce(32, '0');
  const std::string signature = to_base64(ByteArray<32>{});
  const auto header = [&](std::string_view key, std::string_view ts, std::string_view n,
                          std::string_view sig) {
    return "HMAC-SHA256 key=\"" + std::string(key) + "\",ts=\"" + std::string(ts) + "\",nonce=\"" +
           std::string(n) + "\",sig=\"" + std::string(sig) + "\"";
  };
  ASSERT_TRUE(parse_authorization(header("ak_1", "1760000000", nonce, signature)).ok());
  for (const std::string& bad :
       {std::string(), std::string("Bearer x"), std::string("HMAC-SHA256 "),
        header("ak_1", "1760000000", nonce, ""), header("ak_1", "1760000000", nonce, "00"),
        header("ak_1", "01760000000", nonce, signature), header("ak_1", "-1", nonce, signature),
        header("ak_1", "1760000000.0", nonce, signature),
        header("ak_1", "18446744073709551616", nonce, signature),
        header("ak_1", "1760000000", nonce.substr(1), signature),
        header("ak_1", "1760000000", std::string(32, 'A'), signature),
        header("", "1760000000", nonce, signature),
        header("ak_1", "1760000000", nonce, signature) + ",",
        header("ak_1", "1760000000", nonce, signature) + ",key=\"ak_2\"",
        header("ak_1", "1760000000", nonce, signature) + ",extra=\"1\"",
        "hmac-sha256" + header("ak_1", "1760000000", nonce, signature).substr(11),
        header(std::string(600, 'a'), "1760000000", nonce, signature)}) {
    const auto claim = parse_authorization(bad);
    ASSERT_FALSE(claim.ok()) << bad;
    EXPECT_EQ(claim.error().code(), Errc::credential_invalid);
  }
}

TEST(IdempotencyKey, TakesBothSpellingsOfOneKey) {
  EXPECT_EQ(*parse_idempotency_key("0123456789abcdef"), "0123456789abcdef");
  EXPECT_EQ(*parse_idempotency_key("\"0123456789abcdef\""), "0123456789abcdef");
  EXPECT_TRUE(parse_idempotency_key(std::string(255, 'a')).ok());
  for (const std::string& bad : {std::string(), std::string("short"), std::string(256, 'a'),
                                 std::string("0123456789abcde\""), std::string("0123456789 abcdef"),
                                 std::string("0123456789\x01"
                                             "abcdef")}) {
    EXPECT_FALSE(parse_idempotency_key(bad).ok()) << bad;
  }
}

TEST(NonceCache, RefusesRepetitionUntilTheWindowHasPassed) {
  const UnixNanos start = std::int64_t{1'000'000} * kNanosPerSecond;
  NonceCache cache(start, 3);
  EXPECT_TRUE(cache.remember("k", "n", 1'000'000, false, start).ok());
  EXPECT_EQ(cache.remember("k", "n", 1'000'000, false, start).error().code(), Errc::nonce_reused);
  EXPECT_TRUE(cache.remember("other", "n", 1'000'000, false, start).ok());
  EXPECT_TRUE(cache.remember("k", "m", 1'000'000, false, start).ok());
  EXPECT_EQ(cache.remember("k", "full", 1'000'000, false, start).error().code(), Errc::overloaded);
  const UnixNanos later = start + 700 * kNanosPerSecond;
  EXPECT_TRUE(cache.remember("k", "full", 1'000'700, false, later).ok());
}

TEST(NonceCache, RefusesReadsSignedBeforeTheStart) {
  const UnixNanos start = std::int64_t{1'000'000} * kNanosPerSecond;
  NonceCache cache(start, 10);
  EXPECT_EQ(cache.remember("k", "n", 999'999, true, start).error().code(), Errc::timestamp_skew);
  EXPECT_TRUE(cache.remember("k", "n", 999'999, false, start).ok());
}

}  // namespace
}  // namespace florin::identity::signed_request_test
