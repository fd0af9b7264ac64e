// The parts without a token: addresses, error table, encodings.
#include <gtest/gtest.h>

#include "hsm/encoding.h"
#include "hsm/error_table.h"
#include "hsm/uri.h"

namespace florin::hsm::pure_test {
namespace {

TEST(TokenUri, TakesTokenAndSerial) {
  const auto uri = parse_token_uri("pkcs11:token=bank%20prod%c3%a9;serial=0123456789abcdef");
  ASSERT_TRUE(uri.ok());
  EXPECT_EQ(uri->token, "bank prod\xc3\xa9");
  EXPECT_EQ(uri->serial, "0123456789abcdef");
  const auto other = parse_token_uri("pkcs11:serial=1;token=a");
  ASSERT_TRUE(other.ok());
  EXPECT_EQ(other->token, "a");
}

TEST(TokenUri, RefusesWhateverItWouldHaveToIgnore) {
  for (const char* text : {"",
                           "pkcs11:",
                           "PKCS11:token=a",
                           "pkcs12:token=a",
                           "token=a",
                           "pkcs11:serial=1",
                           "pkcs11:token=",
                           "pkcs11:token",
                           "pkcs11:token=a;token=b",
                           "pkcs11:token=a;serial=1;serial=1",
                           "pkcs11:token=a;object=b",
                           "pkcs11:token=a;slot-id=1",
                           "pkcs11:token=a;",
                           "pkcs11:;token=a",
                           "pkcs11:token=a?pin-value=1234",
                           "pkcs11:token=a;pin-value=1234",
                           "pkcs11:token=a?module-path=/x",
                           "pkcs11:token=a b",
                           "pkcs11:token=a%",
                           "pkcs11:token=a%2",
                           "pkcs11:token=a%zz",
                           "pkcs11:token=a%00",
                           "pkcs11:token=a/b",
                           "pkcs11:token=a%20",
                           "pkcs11:token=123456789012345678901234567890123",
                           "pkcs11:token=a;serial=12345678901234567",
                           " pkcs11:token=a",
                           "pkcs11:token=a\n"}) {
    const auto uri = parse_token_uri(text);
    ASSERT_FALSE(uri.ok()) << text;
    EXPECT_EQ(uri.error().code(), Errc::config_invalid) << text;
    EXPECT_EQ(uri.error().to_log().find("1234"), std::string::npos) << text;
  }
}

TEST(ErrorTable, ClassesFollowTheDesign) {
  const std::pair<unsigned long, FailureClass> rows[] = {
      {0x0, FailureClass::none},          {0x7, FailureClass::caller_bug},
      {0x70, FailureClass::caller_bug},   {0x71, FailureClass::caller_bug},
      {0x68, FailureClass::caller_bug},   {0x10, FailureClass::caller_bug},
      {0x13, FailureClass::caller_bug},   {0xD0, FailureClass::caller_bug},
      {0xD1, FailureClass::caller_bug},   {0xA0, FailureClass::auth_fatal},
      {0xA2, FailureClass::auth_fatal},   {0xA3, FailureClass::auth_fatal},
      {0xA4, FailureClass::auth_fatal},   {0xB3, FailureClass::session_lost},
      {0xB0, FailureClass::session_lost}, {0x101, FailureClass::session_lost},
      {0x82, FailureClass::session_lost}, {0x60, FailureClass::session_lost},
      {0x90, FailureClass::session_lost}, {0x91, FailureClass::session_lost},
      {0x32, FailureClass::token_lost},   {0xE0, FailureClass::token_lost},
      {0xE1, FailureClass::token_lost},   {0x3, FailureClass::token_lost},
      {0x190, FailureClass::token_lost},  {0x30, FailureClass::device},
      {0x31, FailureClass::device},       {0x6, FailureClass::device},
      {0x2, FailureClass::device},        {0xB1, FailureClass::busy},
      {0x5, FailureClass::ambiguous},     {0x40, FailureClass::corrupt},
      {0x41, FailureClass::corrupt},      {0xC0, FailureClass::corrupt},
      {0x110, FailureClass::corrupt},     {0x100, FailureClass::benign},
      {0x191, FailureClass::benign},      {0x80000001, FailureClass::unknown},
      {0x1B, FailureClass::caller_bug},   {0x54, FailureClass::caller_bug},
      {0x6A, FailureClass::caller_bug},
  };
  for (const auto& [rv, expected] : rows) EXPECT_EQ(failure_class(rv), expected) << std::hex << rv;
}

TEST(ErrorTable, ErrorsNameFunctionAndCodeOnly) {
  const Error error = call_error("C_Login", 0xA0);
  EXPECT_EQ(error.code(), Errc::hsm_pin_incorrect);
  EXPECT_EQ(error.detail(), "C_Login returned 0xa0 (auth-fatal)");
  EXPECT_EQ(call_error("C_Decrypt", 0x5).code(), Errc::hsm_failure);
  EXPECT_EQ(call_error("C_Sign", 0xB3).code(), Errc::hsm_unavailable);
  EXPECT_EQ(call_error("C_Decrypt", 0x40).code(), Errc::key_unwrap_failed);
}

TEST(Encoding, TakesTheThreeFormsOfAnEcPoint) {
  Bytes point(65, 0x11);
  point[0] = 0x04;
  Bytes octets = {0x04, 0x41};
  octets.insert(octets.end(), point.begin(), point.end());
  Bytes bits = {0x03, 0x42, 0x00};
  bits.insert(bits.end(), point.begin(), point.end());
  for (const Bytes& form : {point, octets, bits}) {
    const auto decoded = decode_ec_point(form);
    ASSERT_TRUE(decoded.ok());
    EXPECT_EQ(*decoded, point);
    for (std::size_t size = 0; size < form.size(); ++size) {
      // An OCTET STRING cut to 65 bytes looks like a raw point; the self-test's signature tells.
      if (size == 65 && form == octets) continue;
      EXPECT_FALSE(decode_ec_point(BytesView(form).first(size)).ok()) << size;
    }
  }
  point[0] = 0x02;
  EXPECT_FALSE(decode_ec_point(point).ok());
}

TEST(Encoding, SignatureIntegersAreMinimalAndPositive) {
  Bytes raw(64, 0);
  raw[31] = 0x01;  // r = 1
  raw[32] = 0x80;  // s has the top bit
  const auto der = ecdsa_signature_der(raw);
  ASSERT_TRUE(der.ok());
  EXPECT_EQ(to_hex(*der),
            "3026"
            "020101"
            "022100"
            "80" +
                std::string(62, '0'));
  EXPECT_EQ(to_hex(*ecdsa_signature_der(Bytes(64, 0))), "3006020100020100");
  EXPECT_FALSE(ecdsa_signature_der(Bytes(63, 1)).ok());
  EXPECT_FALSE(ecdsa_signature_der(Bytes(65, 1)).ok());
}

}  // namespace
}  // namespace florin::hsm::pure_test
