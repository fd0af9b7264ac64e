// The service on a real SoftHSM, with openssl and pkcs11-tool as second implementations.
#include "hsm/hsm.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "base/hash.h"
#include "support/softhsm.h"

namespace florin::hsm::hsm_test {
namespace {

using test_support::OpenHsm;
using test_support::run_command;
using test_support::SoftHsm;

constexpr std::string_view kContext = "tenant a, general, 1";

class HsmTest : public ::testing::Test {
 protected:
  Errc open_error(const Config& config) {
    auto opened = Hsm::open(config, token_.gate, token_.entropy, token_.clock);
    if (!opened.ok()) return opened.error().code();
    EXPECT_TRUE((*opened)->shutdown().ok());
    return Errc::internal;
  }
  Errc open_error() { return open_error(token_.config()); }
  SoftHsm token_;
};

TEST_F(HsmTest, WrapsSignsAndReports) {
  token_.initialise();
  OpenHsm hsm(token_);
  ASSERT_TRUE(hsm.ok()) << hsm.why();
  const Bytes text(32, 0x5A);
  const auto blob = hsm->wrap(text, view_of(kContext));
  ASSERT_TRUE(blob.ok()) << blob.error().to_log();
  EXPECT_EQ(blob->size(), 12U + 32U + 16U);
  const auto again = hsm->wrap(text, view_of(kContext));
  ASSERT_TRUE(again.ok());
  EXPECT_NE(*blob, *again);
  EXPECT_NE(BytesView(*blob).first(12)[0] | BytesView(*blob).first(12)[11], 0);
  const auto back = hsm->unwrap(*blob, view_of(kContext));
  ASSERT_TRUE(back.ok()) << back.error().to_log();
  EXPECT_TRUE(back->equals(text));
  const auto signature = hsm->audit_signer().sign(view_of("checkpoint"));
  ASSERT_TRUE(signature.ok());
  const Bytes key = hsm->audit_signer().public_key_der();
  EXPECT_TRUE(verify_ecdsa_p256(key, view_of("checkpoint"), *signature).ok());
  EXPECT_FALSE(verify_ecdsa_p256(key, view_of("checkpoinT"), *signature).ok());
  ByteArray<32> random{};
  EXPECT_TRUE(hsm->random(random).ok());
  EXPECT_NE(random, (ByteArray<32>{}));
  EXPECT_TRUE(hsm->probe().ok());
  const Status status = hsm->status();
  EXPECT_EQ(status.state, State::ready);
  EXPECT_EQ(status.token.label, SoftHsm::kLabel);
  EXPECT_EQ(status.token.model, "SoftHSM v2");
  EXPECT_FALSE(status.token.firmware.empty());
  EXPECT_EQ(status.operations, 6U);
  EXPECT_EQ(status.failures, 0U);
  EXPECT_GT(status.module_calls, status.operations);
  EXPECT_GT(status.last_probe, 0);
  ASSERT_EQ(status.keys.size(), 3U);
  EXPECT_EQ(status.keys[0].label, "kek/1");
}

TEST_F(HsmTest, KeysSurviveAndShutdownIsFinal) {
  token_.initialise();
  Bytes blob;
  {
    OpenHsm hsm(token_);
    ASSERT_TRUE(hsm.ok()) << hsm.why();
    blob = *hsm->wrap(Bytes(32, 1), view_of(kContext));
    // The module belongs to one user in the process.
    const auto second = token_.open();
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().code(), Errc::hsm_module);
    EXPECT_TRUE(hsm->probe().ok());
    EXPECT_TRUE(hsm->shutdown().ok());
    EXPECT_EQ(hsm->probe().error().code(), Errc::hsm_unavailable);
    EXPECT_EQ(hsm->status().state, State::stopped);
    EXPECT_EQ(state_name(hsm->status().state), "stopped");
  }
  OpenHsm hsm(token_);
  ASSERT_TRUE(hsm.ok()) << hsm.why();
  EXPECT_TRUE(hsm->unwrap(blob, view_of(kContext)).ok());
}

TEST_F(HsmTest, EveryChangeOfABlobIsFoundAndTheTokenStaysWell) {
  token_.initialise();
  OpenHsm hsm(token_);
  ASSERT_TRUE(hsm.ok()) << hsm.why();
  const Bytes blob = *hsm->wrap(Bytes(32, 1), view_of(kContext));
  for (std::size_t i = 0; i < blob.size(); ++i) {
    Bytes changed = blob;
    changed[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
    const auto refused = hsm->unwrap(changed, view_of(kContext));
    ASSERT_FALSE(refused.ok()) << i;
    EXPECT_EQ(refused.error().code(), Errc::key_unwrap_failed) << i;
    const auto cut = hsm->unwrap(BytesView(blob).first(i), view_of(kContext));
    ASSERT_FALSE(cut.ok()) << i;
    EXPECT_EQ(cut.error().code(), Errc::key_unwrap_failed) << i;
  }
  EXPECT_EQ(hsm->unwrap(blob, view_of("tenant b, general, 1")).error().code(),
            Errc::key_unwrap_failed);
  EXPECT_EQ(hsm->unwrap(blob, {}).error().code(), Errc::malformed_value);
  EXPECT_EQ(hsm->wrap({}, view_of(kContext)).error().code(), Errc::malformed_value);
  EXPECT_EQ(hsm->wrap(Bytes(4097), view_of(kContext)).error().code(), Errc::malformed_value);
  EXPECT_EQ(hsm->status().state, State::ready);
  EXPECT_TRUE(hsm->unwrap(blob, view_of(kContext)).ok());
}

TEST_F(HsmTest, OpensslAndPkcs11ToolAgreeAboutTheAuditKey) {
  token_.initialise();
  Bytes key;
  {
    OpenHsm hsm(token_);
    ASSERT_TRUE(hsm.ok()) << hsm.why();
    key = hsm->audit_signer().public_key_der();
    const auto signature = hsm->audit_signer().sign(view_of("the message\n"));
    ASSERT_TRUE(signature.ok());
    token_.write_file("message", "the message\n");
    token_.write_file("signature", std::string(text_of(*signature)));
    token_.write_file("key.pem", public_key_pem(key));
  }
  const std::string verify =
      "cd " + token_.directory().string() +
      " && openssl dgst -sha256 -verify key.pem -signature signature message";
  const auto good = run_command(verify);
  EXPECT_EQ(good.status, 0) << good.output;
  token_.write_file("message", "the messagf\n");
  EXPECT_NE(run_command(verify).status, 0);
  const auto exported =
      token_.pkcs11_tool("--read-object --type pubkey --label aud/1 --output-file " +
                         (token_.directory() / "exported.der").string());
  ASSERT_EQ(exported.status, 0) << exported.output;
  std::ifstream file(token_.directory() / "exported.der", std::ios::binary);
  const std::string der((std::istreambuf_iterator<char>(file)), {});
  EXPECT_EQ(to_hex(view_of(der)), to_hex(key));
}

TEST_F(HsmTest, AWrongPinIsTriedOnceAndNeverAgain) {
  token_.initialise();
  const std::uint32_t before = token_.gate.attempts();
  token_.write_pin("ffffffffffffffffffffffffffffffff");
  const auto refused = token_.open();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), Errc::hsm_pin_incorrect);
  EXPECT_EQ(refused.error().to_log().find("ffff"), std::string::npos);
  EXPECT_EQ(token_.gate.attempts(), before + 1);
  EXPECT_TRUE(token_.gate.closed());
  token_.write_pin(SoftHsm::kPin);  // even the right one waits for a new process
  EXPECT_EQ(open_error(), Errc::hsm_pin_incorrect);
  EXPECT_EQ(token_.gate.attempts(), before + 1);
}

TEST_F(HsmTest, RefusesToStartWithoutItsParts) {
  EXPECT_EQ(open_error(), Errc::hsm_token_missing);
  EXPECT_EQ(token_.gate.attempts(), 0U);
  token_.initialise();
  Config config = token_.config();
  config.uri = "pkcs11:token=other";
  EXPECT_EQ(open_error(config), Errc::hsm_token_missing);
  config.uri = "pkcs11:token=florin%20test;serial=0000000000000000";
  EXPECT_EQ(open_error(config), Errc::hsm_token_missing);
  config.uri = "pkcs11:token=florin%20test;pin-value=1";
  EXPECT_EQ(open_error(config), Errc::config_invalid);
  config = token_.config();
  token_.write_pin(SoftHsm::kPin, 0644);
  EXPECT_EQ(open_error(config), Errc::hsm_pin_missing);
  token_.write_pin(SoftHsm::kPin);
  EXPECT_EQ(open_error(config), Errc::internal) << "internal stands for: it opened";
}

TEST_F(HsmTest, TwoTokensWithOneLabelNeedTheSerial) {
  token_.initialise();
  std::string serial;
  {
    OpenHsm hsm(token_);
    ASSERT_TRUE(hsm.ok()) << hsm.why();
    serial = hsm->status().token.serial;
  }
  ASSERT_EQ(run_command(std::string("softhsm2-util --init-token --free --label '") +
                        SoftHsm::kLabel + "' --so-pin 123456 --pin 123456")
                .status,
            0);
  EXPECT_EQ(open_error(), Errc::hsm_token_missing);
  Config config = token_.config();
  config.uri += ";serial=" + serial;
  EXPECT_EQ(open_error(config), Errc::internal) << "internal stands for: it opened";
}

TEST_F(HsmTest, RefusesModulesOthersCouldChange) {
  token_.initialise();
  Config config = token_.config();
  config.module_path = "libsofthsm2.so";
  EXPECT_EQ(open_error(config), Errc::hsm_module);
  config.module_path = (token_.directory() / "absent.so").string();
  EXPECT_EQ(open_error(config), Errc::hsm_module);
  config.module_path = token_.directory().string();
  EXPECT_EQ(open_error(config), Errc::hsm_module);
  config.module_path = token_.write_file("text.so", "not a library").string();
  EXPECT_EQ(open_error(config), Errc::hsm_module);
  const auto copy = token_.directory() / "copy.so";
  std::filesystem::copy_file(SoftHsm::module_path(), copy);
  config.module_path = copy.string();
  for (const unsigned mode : {0664U, 0646U, 0777U}) {
    ASSERT_EQ(chmod(copy.c_str(), mode), 0);
    EXPECT_EQ(open_error(config), Errc::hsm_module) << std::oct << mode;
  }
  EXPECT_EQ(token_.gate.attempts(), 2U) << "only the two of the ceremony";
}

TEST_F(HsmTest, EachReasonAgainstAModuleHasItsOwnText) {
  token_.initialise();
  const auto copy = token_.directory() / "copy.so";
  std::filesystem::copy_file(SoftHsm::module_path(), copy);
  ASSERT_EQ(chmod(copy.c_str(), 0644), 0);
  const auto refused = [&](const Config& config) {
    const auto opened = Hsm::open(config, token_.gate, token_.entropy, token_.clock);
    if (!opened.ok()) return opened.error().message();
    EXPECT_TRUE((*opened)->shutdown().ok());
    return std::string("opened");
  };
  Config config = token_.config();
  std::set<std::string> texts;
  config.module_path = (token_.directory() / "absent.so").string();
  texts.insert(refused(config));
  config.module_path = token_.write_file("text.so", "not a library").string();
  texts.insert(refused(config));
  config.module_path = copy.string();
  config.module_sha256 = std::string(64, '0');
  texts.insert(refused(config));
  config.module_sha256.clear();
  ASSERT_EQ(chmod(copy.c_str(), 0666), 0);
  texts.insert(refused(config));
  ASSERT_EQ(chmod(copy.c_str(), 0644), 0);
  std::filesystem::permissions(token_.directory(), std::filesystem::perms::all);
  texts.insert(refused(config));
  std::filesystem::permissions(token_.directory(), std::filesystem::perms::owner_all);
  EXPECT_EQ(texts.size(), 5U);
  EXPECT_FALSE(texts.contains("opened"));
  const std::string content = [&] {
    std::ifstream file(SoftHsm::module_path(), std::ios::binary);
    return std::string((std::istreambuf_iterator<char>(file)), {});
  }();
  config = token_.config();
  config.module_sha256 = to_hex(sha256(view_of(content)));
  EXPECT_EQ(refused(config), "opened");
}

TEST_F(HsmTest, RefusesALibraryThatIsNoModule) {
  Config config = token_.config();
  for (const char* path :
       {"/usr/lib/x86_64-linux-gnu/libsodium.so.23", "/lib/x86_64-linux-gnu/libz.so.1"}) {
    if (!std::filesystem::exists(path)) continue;
    config.module_path = path;
    EXPECT_EQ(open_error(config), Errc::hsm_module) << path;
  }
}

TEST_F(HsmTest, RefusesAMissingADoubleAndAnUnfitKey) {
  token_.initialise();
  ASSERT_EQ(
      token_.pkcs11_tool("--keygen --key-type AES:32 --label probe --id 77 --private --sensitive")
          .status,
      0);
  EXPECT_EQ(open_error(), Errc::hsm_key_duplicate);
  ASSERT_EQ(token_.pkcs11_tool("--delete-object --type secrkey --label probe --id 77").status, 0);
  EXPECT_EQ(open_error(), Errc::internal) << "internal stands for: it opened";
  ASSERT_EQ(token_.pkcs11_tool("--delete-object --type secrkey --label kek/1").status, 0);
  EXPECT_EQ(open_error(), Errc::hsm_key_missing);
  ASSERT_EQ(
      token_
          .pkcs11_tool("--keygen --key-type AES:32 --label kek/1 --id 78 --private --sensitive "
                       "--extractable")
          .status,
      0);
  EXPECT_EQ(open_error(), Errc::hsm_key_unfit);
  ASSERT_EQ(token_.pkcs11_tool("--delete-object --type secrkey --label kek/1").status, 0);
  ASSERT_EQ(
      token_.pkcs11_tool("--keygen --key-type AES:16 --label kek/1 --id 79 --private --sensitive")
          .status,
      0);
  EXPECT_EQ(open_error(), Errc::hsm_key_unfit);
}

TEST_F(HsmTest, ManyThreadsGetTheirOwnAnswers) {
  token_.initialise();
  OpenHsm hsm(token_);
  ASSERT_TRUE(hsm.ok()) << hsm.why();
  std::vector<std::thread> threads;
  for (std::uint8_t i = 0; i < 6; ++i) {
    threads.emplace_back([&hsm, i] {
      const Bytes text(32, i);
      const Bytes context(8, i);
      for (int j = 0; j < 20; ++j) {
        const auto blob = hsm->wrap(text, context);
        ASSERT_TRUE(blob.ok()) << blob.error().to_log();
        const auto back = hsm->unwrap(*blob, context);
        ASSERT_TRUE(back.ok()) << back.error().to_log();
        EXPECT_TRUE(back->equals(text));
        const Bytes other(8, 0xFF);
        EXPECT_EQ(hsm->unwrap(*blob, other).error().code(), Errc::key_unwrap_failed);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(hsm->status().state, State::ready);
}

}  // namespace
}  // namespace florin::hsm::hsm_test
