#pragma once
/// A token of its own behind the fault-injecting module.
#include <gtest/gtest.h>

#include "support/pkcs11_shim/faults.h"
#include "support/softhsm.h"

namespace florin::hsm {

class FaultTest : public ::testing::Test {
 protected:
  [[nodiscard]] Config config() const {
    Config out = token_.config();
    out.module_path = FLORIN_PKCS11_SHIM;
    return out;
  }
  Result<std::unique_ptr<Hsm>> open() { return open(config()); }
  Result<std::unique_ptr<Hsm>> open(const Config& how) {
    return Hsm::open(how, token_.gate, token_.entropy, token_.clock);
  }
  /// Opens and shuts down; nothing when that went well. The answer always names the field at fault
  /// and never the PIN.
  std::optional<Error> open_error(const Config& how) {
    auto opened = open(how);
    if (opened.ok()) {
      EXPECT_TRUE((*opened)->shutdown().ok());
      return std::nullopt;
    }
    EXPECT_EQ(opened.error().to_log().find(test_support::SoftHsm::kPin), std::string::npos);
    return opened.error();
  }
  std::optional<Error> open_error() { return open_error(config()); }

  test_support::SoftHsm token_;
  test_support::Faults faults_{token_.directory() / "faults", test_support::SoftHsm::module_path()};
};

/// One that is open and loses what the rules take; whatever a test leaves behind is ended.
class RunningFaultTest : public FaultTest {
 protected:
  static constexpr std::string_view kContext = "tenant a, general, 1";
  static constexpr std::chrono::milliseconds kNever{3'600'000};

  void SetUp() override { token_.initialise(); }
  void TearDown() override {
    faults_.disarm_all();
    if (hsm_) {
      EXPECT_TRUE(test_support::eventually([&] { return hsm_->shutdown().ok(); }));
    }
  }
  // Heals quickly; probes only when asked.
  Config quick() {
    Config out = config();
    out.probe_interval = kNever;
    out.restart_interval = std::chrono::milliseconds(20);
    out.trial_interval = std::chrono::milliseconds(20);
    out.stuck_limit = kNever;
    return out;
  }
  void start(const Config& how) {
    auto opened = open(how);
    ASSERT_TRUE(opened.ok()) << opened.error().to_log();
    hsm_ = std::move(*opened);
    const auto blob = hsm_->wrap(text_, view_of(kContext));
    ASSERT_TRUE(blob.ok()) << blob.error().to_log();
    blob_ = *blob;
  }
  bool reaches(State state) {
    return test_support::eventually([&] { return hsm_->status().state == state; },
                                    std::chrono::seconds(30));
  }
  void expect_right(const char* what) {
    const auto text = hsm_->unwrap(blob_, view_of(kContext));
    ASSERT_TRUE(text.ok()) << what << ": " << text.error().to_log();
    EXPECT_TRUE(text->equals(text_)) << what;
  }

  const Bytes text_ = Bytes(32, 0x5A);
  Bytes blob_;
  std::unique_ptr<Hsm> hsm_;
};

}  // namespace florin::hsm
