// Every call of a scenario fails once with every return value of the error table, before or after
// the real call. Whatever happens: it ends, what it says it did is done, what it gives is right,
// the PIN is tried at most once more, nothing secret is told, and the token is well afterwards.
#include <algorithm>
#include <numeric>
#include <span>

#include "hsm/error_table.h"
#include "support/long_run.h"
#include "unit/hsm/fault_fixture.h"
#include "unit/hsm/token_editor.h"

namespace florin::hsm::fault_systematic_test {
namespace {

using test_support::SoftHsm;
namespace shim = florin::pkcs11_shim;

constexpr std::string_view kContext = "tenant a, general, 1";

constexpr CK_RV kCodes[] = {CKR_ARGUMENTS_BAD,
                            CKR_MECHANISM_INVALID,
                            CKR_MECHANISM_PARAM_INVALID,
                            CKR_KEY_FUNCTION_NOT_PERMITTED,
                            CKR_ATTRIBUTE_READ_ONLY,
                            CKR_ATTRIBUTE_SENSITIVE,
                            CKR_ATTRIBUTE_TYPE_INVALID,
                            CKR_ATTRIBUTE_VALUE_INVALID,
                            CKR_TEMPLATE_INCOMPLETE,
                            CKR_TEMPLATE_INCONSISTENT,
                            CKR_PIN_INCORRECT,
                            CKR_PIN_LEN_RANGE,
                            CKR_PIN_EXPIRED,
                            CKR_PIN_LOCKED,
                            CKR_SESSION_HANDLE_INVALID,
                            CKR_SESSION_CLOSED,
                            CKR_USER_NOT_LOGGED_IN,
                            CKR_OBJECT_HANDLE_INVALID,
                            CKR_KEY_HANDLE_INVALID,
                            CKR_OPERATION_ACTIVE,
                            CKR_OPERATION_NOT_INITIALIZED,
                            CKR_DEVICE_REMOVED,
                            CKR_TOKEN_NOT_PRESENT,
                            CKR_TOKEN_NOT_RECOGNIZED,
                            CKR_SLOT_ID_INVALID,
                            CKR_CRYPTOKI_NOT_INITIALIZED,
                            CKR_DEVICE_ERROR,
                            CKR_DEVICE_MEMORY,
                            CKR_FUNCTION_FAILED,
                            CKR_HOST_MEMORY,
                            CKR_SESSION_COUNT,
                            CKR_GENERAL_ERROR,
                            CKR_ENCRYPTED_DATA_INVALID,
                            CKR_ENCRYPTED_DATA_LEN_RANGE,
                            CKR_SIGNATURE_INVALID,
                            CKR_WRAPPED_KEY_INVALID,
                            CKR_USER_ALREADY_LOGGED_IN,
                            CKR_CRYPTOKI_ALREADY_INITIALIZED};

// The codes are dealt out to tests, so that none of them takes too long.
constexpr std::size_t kCodesEach = 3;
constexpr std::size_t kParts = (std::size(kCodes) + kCodesEach - 1) / kCodesEach;

class HsmSystematic : public FaultTest, public ::testing::WithParamInterface<std::size_t> {
 protected:
  void SetUp() override {
    token_.initialise();
    auto opened = open();
    ASSERT_TRUE(opened.ok()) << opened.error().to_log();
    blob_ = *(*opened)->wrap(text_, view_of(kContext));
    ASSERT_TRUE((*opened)->write_data_object("anchor", view_of("before")).ok());
    ASSERT_TRUE((*opened)->shutdown().ok());
    std::filesystem::copy(token_.tokens(), saved(), std::filesystem::copy_options::recursive);
  }
  [[nodiscard]] std::filesystem::path saved() const { return token_.directory() / "saved"; }
  void restore() const {
    std::filesystem::remove_all(token_.tokens());
    std::filesystem::copy(saved(), token_.tokens(), std::filesystem::copy_options::recursive);
  }

  template <class T>
  void no_secret(const Result<T>& result) {
    if (result.ok()) return;
    EXPECT_EQ(result.error().to_log().find(SoftHsm::kPin), std::string::npos);
  }

  // One life of the service. Every answer it gives must be right.
  void scenario() {
    LoginGate gate;
    auto opened = Hsm::open(config(), gate, token_.entropy, token_.clock);
    no_secret(opened);
    EXPECT_LE(gate.attempts(), 2U);
    if (!opened.ok()) return finalise();
    Hsm& hsm = **opened;
    const auto plain = hsm.unwrap(blob_, view_of(kContext));
    no_secret(plain);
    EXPECT_TRUE(!plain.ok() || plain->equals(text_));
    const auto sealed = hsm.wrap(text_, view_of(kContext));
    no_secret(sealed);
    const auto signature = hsm.audit_signer().sign(view_of("message"));
    no_secret(signature);
    if (signature.ok()) {
      EXPECT_TRUE(
          verify_ecdsa_p256(hsm.audit_signer().public_key_der(), view_of("message"), *signature)
              .ok());
    }
    const auto written = hsm.write_data_object("anchor", view_of("after"));
    no_secret(written);
    const auto read = hsm.read_data_object("anchor");
    no_secret(read);
    if (read.ok() && read->has_value()) {
      const std::string value(text_of(**read));
      EXPECT_TRUE(value == "after" || (value == "before" && !written.ok())) << value;
    }
    no_secret(hsm.probe());
    EXPECT_LE(gate.attempts(), 2U);
    if (!hsm.shutdown().ok()) finalise();
    faults_.disarm_all();
    if (sealed.ok()) sealed_.push_back(*sealed);
  }
  // Where the end of the module was what failed.
  void finalise() {
    faults_.disarm_all();
    static_cast<void>((*Module::load(config().module_path))->shutdown().ok());
  }

  // After any fault the token serves, and what was answered before it can be used.
  void expect_well(const std::string& what) {
    auto opened = open();
    ASSERT_TRUE(opened.ok()) << what << ": " << opened.error().to_log();
    const auto plain = (*opened)->unwrap(blob_, view_of(kContext));
    EXPECT_TRUE(plain.ok() && plain->equals(text_)) << what;
    for (const Bytes& sealed : sealed_) {
      const auto again = (*opened)->unwrap(sealed, view_of(kContext));
      EXPECT_TRUE(again.ok() && again->equals(text_)) << what;
    }
    sealed_.clear();
    const auto value = (*opened)->read_data_object("anchor");
    EXPECT_TRUE(value.ok() && value->has_value()) << what;
    ASSERT_TRUE((*opened)->shutdown().ok());
  }

  const Bytes text_ = Bytes(32, 0x5A);
  Bytes blob_;
  std::vector<Bytes> sealed_;
};

TEST_P(HsmSystematic, EveryCallFailsWithEveryCode) {
  const shim::Word before = faults_.total();
  scenario();
  const shim::Word calls = faults_.total() - before;
  ASSERT_GT(calls, 50U);
  const std::span<const CK_RV> codes = std::span(kCodes).subspan(GetParam() * kCodesEach);
  const shim::Word part = std::min(codes.size(), kCodesEach);
  constexpr shim::Word kWays = 2;
  const shim::Word runs = calls * part * kWays;
  // A stride without a common factor visits calls, codes and ways evenly.
  shim::Word stride = test::long_run() ? 1 : runs / 3;
  while (std::gcd(stride, runs) != 1) ++stride;
  // Each part begins elsewhere, so that together they come near to every call.
  for (shim::Word run = GetParam() * stride / kParts; run < runs; run += stride) {
    const shim::Word call = run / kWays / part;
    const CK_RV code = codes[run / kWays % part];
    const bool after = run % kWays == 1;
    restore();
    const auto rule = faults_.arm({.function = "",
                                   .actions = after ? shim::kFailAfter : shim::kFailBefore,
                                   .return_value = code,
                                   .skip = call});
    const std::string what =
        "call " + std::to_string(call) + (after ? " after, " : " before, ") + std::to_string(code);
    SCOPED_TRACE(what);
    scenario();
    EXPECT_EQ(faults_.fired(rule), 1U) << "the scenario has got shorter";
    expect_well(what);
    if (HasFatalFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Codes, HsmSystematic, ::testing::Range(std::size_t{0}, kParts));

}  // namespace
}  // namespace florin::hsm::fault_systematic_test
