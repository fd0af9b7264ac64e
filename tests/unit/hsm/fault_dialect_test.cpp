// Case 23: peers that make the IV of AES-GCM by themselves. How a token does it is proven at the
// start, and what comes out is what anybody else makes of the same key, IV and context.
#include "hsm/cryptoki.h"
#include "unit/hsm/fault_fixture.h"

namespace florin::hsm::fault_dialect_test {
namespace {

namespace shim = florin::pkcs11_shim;

struct Peer {
  shim::Dialect dialect;
  const char* rule;
  std::size_t iv_size;
  const char* name;
};
constexpr Peer kPeers[] = {{shim::kLunaFips, "appended", 16, "LunaFips"},
                           {shim::kCloudHsm, "written-back", 12, "CloudHsm"},
                           {shim::kNullIv, "prepended", 12, "NullIv"}};

class HsmDialect : public RunningFaultTest {
 protected:
  bool opens(BytesView blob, std::string_view context = kContext) {
    const auto text = hsm_->unwrap(blob, view_of(context));
    if (!text.ok()) {
      EXPECT_EQ(text.error().code(), Errc::key_unwrap_failed) << text.error().to_log();
    }
    return text.ok() && text->equals(text_);
  }
  void end() {
    ASSERT_TRUE(hsm_->shutdown().ok());
    hsm_.reset();
  }
};

class HsmDialectPeer : public HsmDialect, public ::testing::WithParamInterface<Peer> {
 protected:
  void SetUp() override {
    faults_.set_dialect(GetParam().dialect);
    token_.initialise();
  }
};

TEST_P(HsmDialectPeer, HsmCase23ItsIvIsReadBack) {
  start(quick());
  EXPECT_EQ(blob_.size(), GetParam().iv_size + text_.size() + 16);
  EXPECT_TRUE(opens(blob_));
  EXPECT_NE(*hsm_->wrap(text_, view_of(kContext)), blob_);
  EXPECT_FALSE(opens(blob_, "tenant b, general, 1"));
  for (std::size_t at = 0; at < blob_.size(); ++at) {
    Bytes changed = blob_;
    changed[at] ^= 1;
    EXPECT_FALSE(opens(changed)) << at;
  }
  for (std::size_t size = 0; size < blob_.size(); ++size) {
    EXPECT_FALSE(opens(BytesView(blob_).first(size))) << size;
  }
  EXPECT_EQ(hsm_->status().state, State::ready);
  const auto made = hsm_->create_next_kek();
  ASSERT_TRUE(made.ok()) << made.error().to_log();
  faults_.arm({.function = "C_DecryptInit", .actions = shim::kCloseSessions});
  expect_right("after a lost session");
  EXPECT_TRUE(hsm_->probe().ok());
}

// The examination proves it: with a known key OpenSSL makes the same of the IV that was read back.
TEST_P(HsmDialectPeer, HsmCase23AnExaminationProvesIt) {
  start(quick());
  const auto found = hsm_->examine();
  ASSERT_TRUE(found.ok()) << found.error().to_log();
  EXPECT_EQ(found->iv_rule, GetParam().rule);
  for (const Finding& finding : found->findings) {
    EXPECT_EQ(finding.proof, Proof::passed) << finding.property << ": " << finding.detail;
  }
}

// One that turns to another way while it is in use wraps nothing that nobody could open, and does
// not come back by itself under another rule.
TEST_P(HsmDialectPeer, HsmCase23AChangeOfTheRuleIsRefused) {
  start(quick());
  for (const shim::Dialect other : {shim::kHonest, shim::kZeroIvLiar, shim::kDropIv}) {
    faults_.set_dialect(other);
    EXPECT_FALSE(hsm_->wrap(text_, view_of(kContext)).ok()) << other;
  }
  faults_.set_dialect(shim::kHonest);
  EXPECT_FALSE(hsm_->probe().ok());
  EXPECT_TRUE(reaches(State::down));
  faults_.set_dialect(GetParam().dialect);
  EXPECT_TRUE(reaches(State::ready));
  expect_right("after the way back");
}

INSTANTIATE_TEST_SUITE_P(Peers, HsmDialectPeer, ::testing::ValuesIn(kPeers),
                         [](const auto& peer) { return std::string(peer.param.name); });

// Blobs outlive a change of the device's mode, there and back.
TEST_F(HsmDialect, HsmCase23BlobsOfBeforeOpen) {
  start(quick());
  const Bytes before = blob_;
  for (const Peer& peer : kPeers) {
    end();
    faults_.set_dialect(peer.dialect);
    start(quick());
    EXPECT_TRUE(opens(before)) << peer.name;
    const Bytes theirs = blob_;
    end();
    faults_.set_dialect(shim::kHonest);
    start(quick());
    EXPECT_TRUE(opens(theirs)) << peer.name;
  }
}

// A device that fails is not asked in other ways: that would hide why.
TEST_F(HsmDialect, HsmCase23AFailureIsNotTakenForADialect) {
  const shim::Word before = faults_.calls("C_EncryptInit");
  faults_.arm({.function = "C_EncryptInit",
               .actions = shim::kFailBefore,
               .return_value = CKR_DEVICE_ERROR,
               .count = shim::kForever});
  const auto refused = open_error();
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->code(), Errc::hsm_failure);
  EXPECT_EQ(faults_.calls("C_EncryptInit"), before + 1);
}

}  // namespace
}  // namespace florin::hsm::fault_dialect_test
