// Case 28: others verify what we sign and open what we wrap.
#include <openssl/evp.h>

#include <memory>
#include <optional>

#include "base/signature.h"
#include "unit/hsm/fault_fixture.h"
#include "unit/hsm/token_editor.h"

namespace florin::hsm::fault_second_opinion_test {
namespace {

using test_support::OpenHsm;
using test_support::run_command;
using test_support::SoftHsm;
namespace shim = florin::pkcs11_shim;

constexpr std::string_view kContext = "tenant a, general, 1";
constexpr std::size_t kIv = 12;
constexpr std::size_t kTag = 16;

class HsmSecondOpinion : public FaultTest {
 protected:
  void SetUp() override { token_.initialise(); }
  [[nodiscard]] std::string path(const char* name) const {
    return (token_.directory() / name).string();
  }
};

// AES-256-GCM by OpenSSL: the text, or nothing when the tag does not fit.
std::optional<Bytes> openssl_open(BytesView key, BytesView blob, BytesView context) {
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> cipher(
      EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  const BytesView text = blob.subspan(kIv, blob.size() - kIv - kTag);
  Bytes tag = to_bytes(blob.last(kTag));
  Bytes out(text.size());
  int size = 0;
  bool good =
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.data(), blob.data()) == 1;
  good = good && EVP_DecryptUpdate(cipher.get(), nullptr, &size, context.data(),
                                   static_cast<int>(context.size())) == 1;
  good = good && EVP_DecryptUpdate(cipher.get(), out.data(), &size, text.data(),
                                   static_cast<int>(text.size())) == 1;
  good = good && EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTag, tag.data()) == 1;
  good = good && EVP_DecryptFinal_ex(cipher.get(), out.data(), &size) == 1;
  if (!good) return std::nullopt;
  return out;
}

// The signature that the product makes, judged by OpenSC's tool on the token's public key and by
// OpenSSL on the exported one; a changed message is refused by both.
TEST_F(HsmSecondOpinion, HsmCase28Pkcs11ToolAndOpensslVerifyOurSignatures) {
  {
    auto opened = open();
    ASSERT_TRUE(opened.ok()) << opened.error().to_log();
    const auto signature = (*opened)->audit_signer().sign(view_of("the message"));
    ASSERT_TRUE(signature.ok());
    token_.write_file("signature.der", std::string(text_of(*signature)));
    token_.write_file("key.pem", public_key_pem((*opened)->audit_signer().public_key_der()));
    ASSERT_TRUE((*opened)->shutdown().ok());
  }
  for (const auto& [message, right] : {std::pair("the message", true), {"the messagE", false}}) {
    token_.write_file("message", message);
    token_.write_file("hash", std::string(text_of(sha256(view_of(message)))));
    const auto by_openssl =
        run_command("openssl dgst -sha256 -verify " + path("key.pem") + " -signature " +
                    path("signature.der") + " " + path("message"));
    EXPECT_EQ(by_openssl.status == 0, right) << by_openssl.output;
    const auto by_tool = token_.pkcs11_tool(
        "--verify --mechanism ECDSA --label aud/1 --signature-format openssl --input-file " +
        path("hash") + " --signature-file " + path("signature.der"));
    EXPECT_EQ(by_tool.output.find("Signature is valid") != std::string::npos, right)
        << by_tool.output;
  }
}

// The whole way of the product, but the shim puts a key whose value we know in the place of the
// key-encryption key: what comes out is plain AES-256-GCM that OpenSSL opens, and the other way.
TEST_F(HsmSecondOpinion, HsmCase28OpensslOpensABlobWrappedUnderAnExportableKey) {
  Bytes value(32);
  token_.entropy.fill(value);
  {
    TokenEditor editor(token_);
    editor.import_key("test-kek", value);
  }
  auto opened = open();
  ASSERT_TRUE(opened.ok()) << opened.error().to_log();
  Hsm& hsm = **opened;
  // Object handles belong to the application, so a look with the same module gives the same one.
  const auto module = *Module::load(config().module_path);
  Session session(module, find_token(*module, *parse_token_uri(config().uri))->slot);
  ASSERT_TRUE(session.open().ok());
  const auto found = *session.find(CKO_SECRET_KEY, "test-kek");
  ASSERT_EQ(found.size(), 1U);
  ASSERT_EQ(to_hex(*session.attribute(found[0], CKA_VALUE)), to_hex(value));
  const Bytes text(32, 0x5A);
  const Bytes under_real_key = *hsm.wrap(text, view_of(kContext));
  for (const char* function : {"C_EncryptInit", "C_DecryptInit"}) {
    faults_.arm({.function = function,
                 .actions = shim::kRemap,
                 .count = shim::kForever,
                 .first = faults_.handle_of("kek/1", CKO_SECRET_KEY),
                 .second = found[0]});
  }
  const Bytes blob = *hsm.wrap(text, view_of(kContext));
  EXPECT_EQ(openssl_open(value, blob, view_of(kContext)), text);
  EXPECT_EQ(openssl_open(value, blob, view_of("tenant b, general, 1")), std::nullopt);
  EXPECT_EQ(openssl_open(value, under_real_key, view_of(kContext)), std::nullopt);
  EXPECT_TRUE(hsm.unwrap(blob, view_of(kContext))->equals(text));
  faults_.disarm_all();
  EXPECT_FALSE(hsm.unwrap(blob, view_of(kContext)).ok());
  EXPECT_TRUE(session.close().ok());
  EXPECT_TRUE(hsm.shutdown().ok());
}

}  // namespace
}  // namespace florin::hsm::fault_second_opinion_test
