#include "daemon/control/credential_directory.h"

#include <gtest/gtest.h>

namespace florin::control::credential_directory_test {
namespace {

domain::Credential credential(std::uint8_t number, const std::string& certificate, bool signs) {
  domain::Credential out{.id = {Uuid::v7(1, {number})},
                         .merchant = {Uuid::v7(2, {number})},
                         .label = "l",
                         .created_at = 1,
                         .active = true,
                         .sealed_secret = {},
                         .certificate = certificate,
                         .identity = "urn:m"};
  if (signs) out.sealed_secret = Bytes(160, 1);
  return out;
}

TEST(CredentialDirectory, FindsByCertificateWhatTheCertificateAloneProves) {
  CredentialDirectory directory;
  directory.put({}, credential(1, "aa", false));
  directory.put({}, credential(2, "bb", true));
  directory.put({}, credential(3, "", true));
  const auto found = directory.find_by_certificate("aa");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->credential.id, credential(1, "", false).id);
  EXPECT_FALSE(directory.find_by_certificate("bb"));
  EXPECT_FALSE(directory.find_by_certificate(""));
  EXPECT_FALSE(directory.find_by_certificate("cc"));
}

TEST(CredentialDirectory, ACertificateOfTwoIsNobodys) {
  CredentialDirectory directory;
  directory.put({}, credential(1, "aa", false));
  directory.put({}, credential(2, "aa", false));
  EXPECT_FALSE(directory.find_by_certificate("aa"));
  domain::Credential off = credential(2, "aa", false);
  off.active = false;
  directory.put({}, off);
  const auto found = directory.find_by_certificate("aa");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->credential.id, credential(1, "", false).id);
}

TEST(CredentialDirectory, ATenantThatEndedLeavesNoCertificateBehind) {
  CredentialDirectory directory;
  ledger::TenantLedger books;
  books.tenant.value.bytes.fill(7);
  directory.put(books, credential(1, "aa", false));
  directory.put(books, credential(2, "bb", false));
  directory.put({}, credential(3, "bb", false));
  directory.remove(books.tenant);
  EXPECT_FALSE(directory.find_by_certificate("aa"));
  const auto found = directory.find_by_certificate("bb");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->credential.id, credential(3, "", false).id);
}

}  // namespace
}  // namespace florin::control::credential_directory_test
