#include <gtest/gtest.h>

#include "support/softhsm.h"

namespace florin::hsm::examination_test {
namespace {

using test_support::OpenHsm;
using test_support::SoftHsm;

TEST(Examination, ProvesEveryPropertyOfSoftHsmAndLeavesItReady) {
  SoftHsm token;
  token.initialise();
  OpenHsm hsm(token);
  ASSERT_TRUE(hsm.ok()) << hsm.why();
  const auto found = hsm->examine();
  ASSERT_TRUE(found.ok()) << found.error().to_log();
  EXPECT_EQ(found->dialect, "softhsm");
  EXPECT_EQ(found->recommended_lanes, 1U);
  EXPECT_EQ(found->findings.size(), 7U);
  for (const Finding& one : found->findings) {
    EXPECT_EQ(one.proof, Proof::passed) << one.property << ": " << one.detail;
  }
  EXPECT_TRUE(found->fit());
  EXPECT_EQ(hsm->status().state, State::ready);
  EXPECT_TRUE(hsm->wrap(Bytes(32, 1), view_of("context")).ok());
}

}  // namespace
}  // namespace florin::hsm::examination_test
