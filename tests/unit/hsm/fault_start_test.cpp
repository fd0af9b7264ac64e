// Cases 1 to 5 and 13: what a start refuses, and that it makes nothing and tries no PIN when it
// need not.
#include <algorithm>

#include "unit/hsm/fault_fixture.h"
#include "unit/hsm/token_editor.h"
#include "unit/hsm/token_files.h"

namespace florin::hsm::fault_start_test {
namespace {

using test_support::Fault;
using test_support::object_files;
using test_support::read_bytes;
using test_support::run_command;
using test_support::SoftHsm;
using test_support::write_bytes;
namespace shim = florin::pkcs11_shim;

class HsmStart : public FaultTest {
 protected:
  // A refusal of the kind, with a text that tells the cause, that has made nothing on the token.
  void expect_refusal(const Config& how, Errc code, const std::string& text) {
    const auto before = contents();
    const auto refused = open_error(how);
    ASSERT_TRUE(refused.has_value()) << text;
    EXPECT_EQ(refused->code(), code) << refused->to_log();
    EXPECT_NE(refused->to_log().find(text), std::string::npos) << refused->to_log();
    for (const char* making : {"C_InitToken", "C_InitPIN", "C_SetPIN", "C_GenerateKey",
                               "C_GenerateKeyPair", "C_CreateObject", "C_DestroyObject"}) {
      EXPECT_EQ(faults_.calls(making), 0U) << making;
    }
    EXPECT_EQ(contents(), before);
  }
  void expect_refusal(Errc code, const std::string& text) { expect_refusal(config(), code, text); }

  std::vector<std::string> contents() {
    std::vector<std::string> names;
    for (const auto& file : object_files(token_.tokens())) names.push_back(file.string());
    std::sort(names.begin(), names.end());
    return names;
  }
};

TEST_F(HsmStart, HsmCase01ModuleMissingNoModuleOrWritableByOthers) {
  token_.initialise();
  Config how = config();
  how.module_path = (token_.directory() / "absent.so").string();
  expect_refusal(how, Errc::hsm_module, "cannot be found");
  how.module_path = token_.write_file("text.so", "not a library").string();
  expect_refusal(how, Errc::hsm_module, "not an ELF library");
  const auto copy = token_.directory() / "copy.so";
  std::filesystem::copy_file(FLORIN_PKCS11_SHIM, copy);
  how.module_path = copy.string();
  ASSERT_EQ(chmod(copy.c_str(), 0775), 0);
  expect_refusal(how, Errc::hsm_module, "writable by group");
  EXPECT_EQ(faults_.total(), 0U) << "no call into a module that is not trusted";
}

TEST_F(HsmStart, HsmCase01AnotherHashThanThePinnedOne) {
  token_.initialise();
  Config how = config();
  how.module_sha256 = to_hex(sha256(view_of(read_bytes(how.module_path))));
  EXPECT_FALSE(open_error(how).has_value());
  const shim::Word calls = faults_.total();
  const shim::Word made = faults_.calls("C_Login");
  how.module_sha256.back() = how.module_sha256.back() == '0' ? '1' : '0';
  expect_refusal(how, Errc::hsm_module, "module_sha256");
  EXPECT_EQ(faults_.total(), calls) << "no call into a module that is another";
  EXPECT_EQ(faults_.calls("C_Login"), made);
}

TEST_F(HsmStart, HsmCase02TokenMissingOrNotUnique) {
  expect_refusal(Errc::hsm_token_missing, "No token");
  EXPECT_TRUE(std::filesystem::is_empty(token_.tokens())) << "a start never makes a token";
  token_.initialise();
  Config how = config();
  how.uri += ";serial=0000000000000000";
  expect_refusal(how, Errc::hsm_token_missing, "No token");
  ASSERT_EQ(run_command(std::string("softhsm2-util --init-token --free --label '") +
                        SoftHsm::kLabel + "' --so-pin 123456 --pin 123456")
                .status,
            0);
  expect_refusal(Errc::hsm_token_missing, "More than one");
  EXPECT_EQ(faults_.calls("C_Login"), 0U);
}

TEST_F(HsmStart, HsmCase03AWrongPinIsTriedExactlyOnce) {
  token_.initialise();
  token_.write_pin("ffffffffffffffffffffffffffffffff");
  expect_refusal(Errc::hsm_pin_incorrect, "");
  EXPECT_EQ(faults_.calls("C_Login"), 1U);
  for (int i = 0; i < 3; ++i) expect_refusal(Errc::hsm_pin_incorrect, "");
  token_.write_pin(SoftHsm::kPin);
  expect_refusal(Errc::hsm_pin_incorrect, "");
  EXPECT_EQ(faults_.calls("C_Login"), 1U);
  EXPECT_TRUE(token_.gate.closed());
}

TEST_F(HsmStart, HsmCase04APinThatIsNearlyLockedIsNotTried) {
  token_.initialise();
  for (const shim::Word flag :
       {shim::Word{CKF_USER_PIN_FINAL_TRY}, shim::Word{CKF_USER_PIN_LOCKED}}) {
    faults_.set_token_flags(flag);
    expect_refusal(Errc::hsm_pin_incorrect, "no login is tried");
  }
  EXPECT_EQ(faults_.calls("C_Login"), 0U);
  faults_.set_token_flags(0);
  faults_.arm({.function = "C_Login",
               .actions = shim::kFailBefore,
               .return_value = CKR_PIN_LOCKED,
               .count = shim::kForever});
  expect_refusal(Errc::hsm_pin_incorrect, "");
  expect_refusal(Errc::hsm_pin_incorrect, "");
  EXPECT_EQ(faults_.calls("C_Login"), 1U);
}

TEST_F(HsmStart, HsmCase05EachUnfitKeyIsNamedWithItsReason) {
  token_.initialise();
  const auto replace = [&](const std::map<CK_ATTRIBUTE_TYPE, bool>& changes, CK_ULONG size = 32,
                           CK_MECHANISM_TYPE allowed = CKM_AES_GCM) {
    TokenEditor editor(token_);
    editor.destroy(CKO_SECRET_KEY, "kek/1");
    editor.make_wrapping_key("kek/1", changes, size, allowed);
  };
  replace({});
  EXPECT_FALSE(open_error().has_value()) << "the editor's own key is good, so each change counts";
  const std::pair<CK_ATTRIBUTE_TYPE, const char*> flags[] = {
      {CKA_EXTRACTABLE, "extractable"}, {CKA_MODIFIABLE, "modifiable"}, {CKA_WRAP, "wrap"},
      {CKA_UNWRAP, "unwrap"},           {CKA_DERIVE, "derive"},         {CKA_SIGN, "sign"}};
  for (const auto& [type, name] : flags) {
    replace({{type, true}});
    expect_refusal(Errc::hsm_key_unfit, std::string("kek/1 cannot be used: the property ") + name);
  }
  replace({{CKA_SENSITIVE, false}});
  expect_refusal(Errc::hsm_key_unfit, "sensitive");
  replace({}, 16);
  expect_refusal(Errc::hsm_key_unfit, "256 bits");
  replace({}, 32, CKM_AES_CBC);
  expect_refusal(Errc::hsm_key_unfit, "mechanism");
}

TEST_F(HsmStart, HsmCase05AKeyThatIsMissingDoubleOrOfAnotherClass) {
  token_.initialise();
  {
    TokenEditor editor(token_);
    editor.make_wrapping_key("kek/1", {});
  }
  expect_refusal(Errc::hsm_key_duplicate, "kek/1");
  {
    TokenEditor editor(token_);
    editor.destroy(CKO_SECRET_KEY, "kek/1");
    editor.make_data("kek/1");
  }
  expect_refusal(Errc::hsm_key_missing, "kek/1");
  {
    TokenEditor editor(token_);
    editor.make_wrapping_key("kek/1", {});
    editor.destroy(CKO_PRIVATE_KEY, "aud/1");
  }
  expect_refusal(Errc::hsm_key_missing, "aud/1");
  EXPECT_EQ(faults_.calls("C_Login"), 3U) << "one for each start";
}

TEST_F(HsmStart, HsmCase13ATruncatedObjectIsAMissingKey) {
  token_.initialise();
  const std::vector<std::filesystem::path> files = object_files(token_.tokens());
  ASSERT_EQ(files.size(), 4U) << "two AES keys and both halves of a pair";
  for (const auto& file : files) {
    const std::string whole = read_bytes(file);
    for (const std::size_t size : {std::size_t{0}, std::size_t{8}}) {
      write_bytes(file, whole.substr(0, size));
      expect_refusal(Errc::hsm_key_missing, "is not on the token");
    }
    // Cut in the middle it may still be listed, without what comes later.
    write_bytes(file, whole.substr(0, whole.size() / 2));
    const auto refused = open_error();
    ASSERT_TRUE(refused.has_value());
    EXPECT_TRUE(refused->code() == Errc::hsm_key_missing || refused->code() == Errc::hsm_key_unfit)
        << refused->to_log();
    write_bytes(file, whole);
    EXPECT_FALSE(open_error().has_value());
  }
}

}  // namespace
}  // namespace florin::hsm::fault_start_test
