#pragma once
/// Changes what a token holds behind the product's back, as another tool would: through the real
/// module, in this process, while no Hsm is open.
#include <gtest/gtest.h>

#include <map>

#include "base/hash.h"
#include "hsm/encoding.h"
#include "hsm/login.h"
#include "hsm/uri.h"
#include "support/softhsm.h"

namespace florin::hsm {

class TokenEditor {
 public:
  explicit TokenEditor(test_support::SoftHsm& token) {
    module_ = *Module::load(test_support::SoftHsm::module_path());
    EXPECT_TRUE(module_->initialise().ok());
    const auto uri = *parse_token_uri(token.config().uri);
    session_.emplace(*open_user_session(module_, *find_token(*module_, uri),
                                        test_support::SoftHsm::pin(), token.gate));
  }
  TokenEditor(const TokenEditor&) = delete;
  TokenEditor& operator=(const TokenEditor&) = delete;
  ~TokenEditor() { EXPECT_TRUE(module_->shutdown().ok()); }

  Session& session() { return *session_; }

  void destroy(CK_OBJECT_CLASS object_class, std::string_view label) {
    const auto found = *session_->find(object_class, label);
    for (const CK_OBJECT_HANDLE object : found) {
      const auto gone = session_->destroy_object(object);
      EXPECT_TRUE(gone.ok()) << gone.error().to_log();
    }
  }

  /// An AES key exactly as the ceremony makes it, but for the named properties.
  void make_wrapping_key(std::string label, const std::map<CK_ATTRIBUTE_TYPE, bool>& changes,
                         CK_ULONG size = 32, CK_MECHANISM_TYPE allowed = CKM_AES_GCM) {
    std::map<CK_ATTRIBUTE_TYPE, bool> flags = {
        {CKA_TOKEN, true},   {CKA_PRIVATE, true},      {CKA_SENSITIVE, true},
        {CKA_ENCRYPT, true}, {CKA_EXTRACTABLE, false}, {CKA_MODIFIABLE, false},
        {CKA_DECRYPT, true}, {CKA_WRAP, false},        {CKA_UNWRAP, false},
        {CKA_SIGN, false},   {CKA_VERIFY, false},      {CKA_DERIVE, false}};
    for (const auto& [type, value] : changes) flags[type] = value;
    CK_BBOOL values[2] = {CK_FALSE, CK_TRUE};
    CK_KEY_TYPE aes = CKK_AES;
    Bytes id = to_bytes(view_of("editor"));
    std::vector<CK_ATTRIBUTE> attributes = {{CKA_LABEL, label.data(), label.size()},
                                            {CKA_ID, id.data(), id.size()},
                                            {CKA_KEY_TYPE, &aes, sizeof aes},
                                            {CKA_VALUE_LEN, &size, sizeof size},
                                            {CKA_ALLOWED_MECHANISMS, &allowed, sizeof allowed}};
    for (const auto& [type, value] : flags) {
      attributes.push_back({type, &values[value ? 1 : 0], sizeof(CK_BBOOL)});
    }
    const auto made = session_->generate_key(CKM_AES_KEY_GEN, std::move(attributes));
    EXPECT_TRUE(made.ok()) << made.error().to_log();
  }

  /// A key whose value the test knows: made outside, brought in, readable.
  void import_key(std::string label, BytesView value) {
    CK_OBJECT_CLASS object_class = CKO_SECRET_KEY;
    CK_KEY_TYPE aes = CKK_AES;
    CK_BBOOL yes = CK_TRUE;
    CK_BBOOL no = CK_FALSE;
    Bytes bytes = to_bytes(value);
    const auto made = session_->create_object({{CKA_CLASS, &object_class, sizeof object_class},
                                               {CKA_KEY_TYPE, &aes, sizeof aes},
                                               {CKA_LABEL, label.data(), label.size()},
                                               {CKA_VALUE, bytes.data(), bytes.size()},
                                               {CKA_TOKEN, &yes, sizeof yes},
                                               {CKA_PRIVATE, &yes, sizeof yes},
                                               {CKA_SENSITIVE, &no, sizeof no},
                                               {CKA_EXTRACTABLE, &yes, sizeof yes},
                                               {CKA_ENCRYPT, &yes, sizeof yes},
                                               {CKA_DECRYPT, &yes, sizeof yes}});
    EXPECT_TRUE(made.ok()) << made.error().to_log();
  }

  /// A public data object.
  void make_data(std::string label) {
    CK_OBJECT_CLASS object_class = CKO_DATA;
    CK_BBOOL yes = CK_TRUE;
    const auto made = session_->create_object({{CKA_CLASS, &object_class, sizeof object_class},
                                               {CKA_LABEL, label.data(), label.size()},
                                               {CKA_TOKEN, &yes, sizeof yes}});
    EXPECT_TRUE(made.ok()) << made.error().to_log();
  }

 private:
  std::shared_ptr<Module> module_;
  std::optional<Session> session_;
};

}  // namespace florin::hsm
