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

}  // namespace florin::hsm
