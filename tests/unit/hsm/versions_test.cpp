// Keys with numbers, made and destroyed while the service runs, on a real SoftHSM.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/signature.h"
#include "support/softhsm.h"

namespace florin::hsm::versions_test {
namespace {

using test_support::OpenHsm;
using test_support::SoftHsm;
using Numbers = std::vector<std::uint32_t>;

constexpr std::string_view kContext = "tenant a, general, 1";

class VersionsTest : public ::testing::Test {
 protected:
  void SetUp() override { token_.initialise(); }
  SoftHsm token_;
};

TEST_F(VersionsTest, ASecondKekIsMadeUsedAndTheFirstDestroyed) {
  Bytes first;
  Bytes second;
  {
    OpenHsm hsm(token_);
    ASSERT_TRUE(hsm.ok()) << hsm.why();
    EXPECT_EQ(hsm->kek_numbers(), Numbers{1});
    first = *hsm->wrap(Bytes(32, 1), view_of(kContext));
    EXPECT_EQ(hsm->use_kek(2).error().code(), Errc::hsm_key_missing);
    const auto made = hsm->create_next_kek();
    ASSERT_TRUE(made.ok()) << made.error().to_log();
    EXPECT_EQ(made->label, "kek/2");
    EXPECT_EQ(made->number, 2U);
    EXPECT_EQ(made->check_value.size(), 6U);
    EXPECT_EQ(hsm->kek_number(), 1U) << "the caller decides when it is active";
    EXPECT_EQ(hsm->kek_numbers(), (Numbers{1, 2}));
    EXPECT_EQ(hsm->status().generation, 2U) << "the module was started anew";
    ASSERT_TRUE(hsm->use_kek(2).ok());
    second = *hsm->wrap(Bytes(32, 2), view_of(kContext));
    EXPECT_TRUE(hsm->unwrap(1, first, view_of(kContext))->equals(Bytes(32, 1)));
    EXPECT_TRUE(hsm->unwrap(2, second, view_of(kContext))->equals(Bytes(32, 2)));
    EXPECT_EQ(hsm->unwrap(1, second, view_of(kContext)).error().code(), Errc::key_unwrap_failed);
    EXPECT_EQ(hsm->unwrap(3, second, view_of(kContext)).error().code(), Errc::hsm_key_missing);
    EXPECT_EQ(hsm->destroy_kek(2).error().code(), Errc::state_conflict) << "it is active";
  }
  OpenHsm hsm(token_);
  ASSERT_TRUE(hsm.ok()) << hsm.why();
  EXPECT_EQ(hsm->kek_numbers(), (Numbers{1, 2}));
  EXPECT_EQ(hsm->kek_number(), 1U);
  ASSERT_TRUE(hsm->use_kek(2).ok());
  ASSERT_TRUE(hsm->destroy_kek(1).ok());
  EXPECT_EQ(hsm->kek_numbers(), Numbers{2});
  EXPECT_EQ(hsm->destroy_kek(1).error().code(), Errc::hsm_key_missing);
  EXPECT_EQ(hsm->unwrap(1, first, view_of(kContext)).error().code(), Errc::hsm_key_missing);
  EXPECT_TRUE(hsm->unwrap(2, second, view_of(kContext)).ok());
  EXPECT_EQ(hsm->status().state, State::ready);
  const auto third = hsm->create_next_kek();
  ASSERT_TRUE(third.ok()) << third.error().to_log();
  EXPECT_EQ(third->number, 3U) << "a number is not used twice while a higher one is there";
}

TEST_F(VersionsTest, AuditKeysOverlap) {
  OpenHsm hsm(token_);
  ASSERT_TRUE(hsm.ok()) << hsm.why();
  const Bytes old_key = hsm->audit_signer().public_key_der();
  const auto made = hsm->create_next_audit_key();
  ASSERT_TRUE(made.ok()) << made.error().to_log();
  EXPECT_EQ(made->label, "aud/2");
  EXPECT_EQ(hsm->audit_signer().public_key_der(), old_key);
  ASSERT_TRUE(hsm->use_audit_key(2).ok());
  EXPECT_EQ(hsm->audit_number(), 2U);
  EXPECT_EQ(hsm->audit_numbers(), (Numbers{1, 2}));
  const Bytes new_key = hsm->audit_signer().public_key_der();
  EXPECT_NE(new_key, old_key);
  EXPECT_EQ(hsm->audit_public_key(1).value(), old_key);
  EXPECT_EQ(hsm->audit_public_key(3).error().code(), Errc::hsm_key_missing);
  const auto signature = hsm->audit_signer().sign(view_of("checkpoint"));
  ASSERT_TRUE(signature.ok());
  EXPECT_TRUE(verify_ecdsa_p256(new_key, view_of("checkpoint"), *signature).ok());
}

TEST_F(VersionsTest, OtherCallsWaitForACeremony) {
  OpenHsm hsm(token_);
  ASSERT_TRUE(hsm.ok()) << hsm.why();
  const Bytes blob = *hsm->wrap(Bytes(32, 1), view_of(kContext));
  std::atomic<bool> ending = false;
  std::thread others([&] {
    while (!ending) EXPECT_TRUE(hsm->unwrap(blob, view_of(kContext)).ok());
  });
  EXPECT_TRUE(hsm->create_next_kek().ok());
  EXPECT_TRUE(hsm->create_next_kek().ok());
  ending = true;
  others.join();
  EXPECT_EQ(hsm->kek_numbers(), (Numbers{1, 2, 3}));
  EXPECT_EQ(hsm->status().failures, 0U);
}

TEST_F(VersionsTest, OneUnfitKeyAmongManyRefusesTheStart) {
  ASSERT_EQ(
      token_
          .pkcs11_tool("--keygen --key-type AES:32 --label kek/7 --id 78 --private --sensitive "
                       "--extractable")
          .status,
      0);
  const auto opened = token_.open();
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code(), Errc::hsm_key_unfit);
  EXPECT_EQ(opened.error().field(), "kek/7");
}

}  // namespace
}  // namespace florin::hsm::versions_test
