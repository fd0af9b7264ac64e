#include "daemon/webhooks/signature.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include "base/hash.h"
#include "unit/webhooks/vectors.h"

namespace florin::webhooks::signature_test {
namespace {

using testing::body_of;
using testing::load_vectors;
using testing::text;

TEST(Signature, ReproducesEveryVector) {
  const json::value vectors = load_vectors();
  std::size_t count = 0;
  for (const json::value& vector : vectors.as_object().at("sign_v1").as_array()) {
    SCOPED_TRACE(text(vector, "name"));
    const Secret secret = parse_secret(text(vector, "secret")).value();
    const std::string body = body_of(vector);
    ASSERT_EQ(to_hex(sha256(view_of(body))), text(vector, "body_sha256"));
    EXPECT_EQ(to_hex(secret.view()), text(vector, "key_hex"));
    EXPECT_EQ(sign_v1(secret.view(), text(vector, "msg_id"),
                      vector.as_object().at("timestamp").as_int64(), body),
              text(vector, "signature"));
    ++count;
  }
  EXPECT_EQ(count, 20U);
}

// Entries of other versions (v1a among them) are skipped: a case with both is decided by its v1
// entry.
TEST(Signature, VerifiesEveryCaseAsExpected) {
  const json::value vectors = load_vectors();
  std::map<std::string, std::string> bodies;
  for (const json::value& vector : vectors.as_object().at("sign_v1").as_array()) {
    bodies[text(vector, "name")] = body_of(vector);
  }
  std::size_t count = 0;
  for (const json::value& each : vectors.as_object().at("verify").as_array()) {
    SCOPED_TRACE(text(each, "name"));
    const auto& object = each.as_object();
    const Secret secret = parse_secret(text(each, "secret")).value();
    const std::string body =
        object.contains("body") ? bodies.at(text(each, "body")) : body_of(each);
    const auto& given = object.at("headers").as_object();
    const auto header = [&given](const char* name) -> std::optional<std::string_view> {
      const auto* value = given.if_contains(name);
      if (value == nullptr) return std::nullopt;
      return std::string_view(value->as_string());
    };
    const ReceivedHeaders headers{header("webhook-id"), header("webhook-timestamp"),
                                  header("webhook-signature")};
    const auto verdict = verify(secret.view(), headers, body, object.at("now").as_int64());
    EXPECT_EQ(verdict.ok() ? "accept" : "reject", text(each, "expect"));
    ++count;
  }
  EXPECT_EQ(count, 48U);
}

TEST(Signature, RefusalsAreToldApart) {
  const Secret secret(Bytes(kSecretBytes, 7));
  const std::string signature = sign_v1(secret.view(), "msg_1", 1000, "{}");
  const auto code = [&](std::string_view id, std::string_view time, std::string_view entry,
                        std::int64_t now) {
    return verify(secret.view(), {id, time, entry}, "{}", now, 30).error().code();
  };
  EXPECT_TRUE(verify(secret.view(), {"msg_1", "1000", signature}, "{}", 1030, 30).ok());
  EXPECT_EQ(code("msg_1", "1000", signature, 1031), Errc::timestamp_skew);
  EXPECT_EQ(code("msg_1", "1000", signature, 969), Errc::timestamp_skew);
  EXPECT_EQ(code("msg.1", "1000", signature, 1000), Errc::header_invalid);
  EXPECT_EQ(code("msg_1", "01000", signature, 1000), Errc::header_invalid);
  EXPECT_EQ(code("msg_1", "1000", std::string(2049, ' '), 1000), Errc::header_invalid);
  EXPECT_EQ(code("msg_2", "1000", signature, 1000), Errc::signature_invalid);
}

TEST(Signature, SeveralSecretsAreOneSpaceApart) {
  const Bytes current(kSecretBytes, 1);
  const Bytes previous(kSecretBytes, 2);
  const std::array<BytesView, 2> secrets{BytesView(current), BytesView(previous)};
  const auto headers = sign(secrets, "msg_1", 1760000000, "{}");
  ASSERT_TRUE(headers.ok());
  EXPECT_EQ(headers->signature, sign_v1(current, "msg_1", 1760000000, "{}") + " " +
                                    sign_v1(previous, "msg_1", 1760000000, "{}"));
  for (const Bytes& key : {current, previous}) {
    EXPECT_TRUE(
        verify(key, {headers->id, headers->timestamp, headers->signature}, "{}", 1760000000).ok());
  }
}

TEST(Signature, RefusesToSignWhatReceiversMisread) {
  const Bytes key(kSecretBytes, 1);
  const std::array<BytesView, 1> secrets{BytesView(key)};
  for (const std::string& id : {std::string("msg_A.1"), std::string(), std::string(65, 'a'),
                                std::string("msg 1"), std::string("msg\n1")}) {
    EXPECT_FALSE(sign(secrets, id, 1760000000, "{}").ok()) << id;
  }
  EXPECT_FALSE(sign(secrets, "msg_1", 0, "{}").ok());
  EXPECT_FALSE(sign({}, "msg_1", 1760000000, "{}").ok());
}

TEST(Signature, SecretTextRoundTrips) {
  Bytes key(kSecretBytes);
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(i * 5);
  const std::string written = secret_text(key);
  EXPECT_EQ(written.size(), 6 + 64U);
  EXPECT_EQ(written.find('='), std::string::npos);
  EXPECT_TRUE(parse_secret(written)->equals(key));
  for (const std::string wrong : {"", "whsec_", "whsec_AAAA", "whsk_AAAA", "whsec_!!!!"}) {
    EXPECT_FALSE(parse_secret(wrong).ok()) << wrong;
  }
  EXPECT_FALSE(parse_secret(secret_text(Bytes(65, 1))).ok());
}

// A receiver in another language, written from the specification with its standard library alone.
TEST(Signature, PythonsStandardLibraryAgrees) {
  const Bytes key(kSecretBytes, 0x5A);
  const std::string body = R"({"type":"payment.captured","data":{"name":"\u00fc"}})";
  const std::string signature = sign_v1(key, "msg_01ABC", 1760000000, body);
  const std::string program =
      "import base64,hmac,hashlib,sys;"
      "secret,entry,body=sys.argv[1:4];"
      "key=base64.b64decode(secret.split('_',1)[1]);"
      "want=hmac.new(key,b'msg_01ABC.1760000000.'+body.encode(),hashlib.sha256).digest();"
      "sys.exit(0 if hmac.compare_digest(base64.b64decode(entry.split(',')[1]),want) else 1)";
  const auto run = [&](const std::string& sent) {
    const std::string command = "python3 -c \"" + program + "\" '" + secret_text(key) + "' '" +
                                signature + "' '" + sent + "'";
    return std::system(command.c_str());  // NOLINT(*command-processor*)
  };
  EXPECT_EQ(run(body), 0);
  EXPECT_NE(run(body + " "), 0);
}

}  // namespace
}  // namespace florin::webhooks::signature_test
