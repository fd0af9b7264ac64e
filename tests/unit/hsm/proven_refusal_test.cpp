// "The token refuses it" is proven by its refusal, and by no failure for another reason.
#include "hsm/cryptoki.h"
#include "unit/hsm/fault_fixture.h"

namespace florin::hsm::proven_refusal_test {
namespace {

using test_support::Fault;
namespace shim = florin::pkcs11_shim;

class ProvenRefusal : public RunningFaultTest {
 protected:
  // The finding of an examination during which the fault strikes.
  Finding found(const Fault& fault, std::string_view property) {
    const auto rule = faults_.arm(fault);
    const auto examined = hsm_->examine();
    EXPECT_EQ(faults_.fired(rule), 1U);
    faults_.disarm(rule);
    EXPECT_TRUE(examined.ok()) << examined.error().to_log();
    if (!examined.ok()) return {};
    for (const Finding& finding : examined->findings) {
      if (finding.property.find(property) != std::string::npos) return finding;
    }
    ADD_FAILURE() << property;
    return {};
  }
};

// The first decryption of the self-test must succeed, the five that follow must be refused.
TEST_F(ProvenRefusal, ADeviceErrorIsNoneAtTheStart) {
  for (shim::Word skip = 1; skip <= 5; ++skip) {
    const auto rule = faults_.arm({.function = "C_Decrypt",
                                   .actions = shim::kFailBefore,
                                   .return_value = CKR_DEVICE_ERROR,
                                   .skip = skip});
    const auto refused = open_error();
    EXPECT_EQ(faults_.fired(rule), 1U);
    faults_.disarm(rule);
    ASSERT_TRUE(refused.has_value()) << skip;
    EXPECT_NE(refused->detail().find("C_Decrypt"), std::string::npos) << refused->to_log();
  }
  EXPECT_FALSE(open_error().has_value());
}

TEST_F(ProvenRefusal, ADeviceErrorIsNoneInAnExamination) {
  start(quick());
  for (const Fault& fault : {Fault{.function = "C_Decrypt",
                                   .actions = shim::kFailBefore,
                                   .return_value = CKR_DEVICE_ERROR,
                                   .skip = 6},
                             Fault{.function = "C_SetAttributeValue",
                                   .actions = shim::kFailBefore,
                                   .return_value = CKR_DEVICE_ERROR},
                             Fault{.function = "C_GetAttributeValue",
                                   .actions = shim::kFailBefore,
                                   .return_value = CKR_DEVICE_ERROR}}) {
    const std::string_view property = fault.function == "C_Decrypt" ? "without its tag"
                                      : fault.function == "C_SetAttributeValue"
                                          ? "made readable or extractable"
                                          : "values cannot be read";
    const Finding finding = found(fault, property);
    EXPECT_EQ(finding.proof, Proof::failed) << property;
    EXPECT_NE(finding.detail.find(fault.function), std::string::npos) << finding.detail;
  }
  const auto honest = hsm_->examine();
  ASSERT_TRUE(honest.ok()) << honest.error().to_log();
  EXPECT_TRUE(honest->fit());
}

}  // namespace
}  // namespace florin::hsm::proven_refusal_test
