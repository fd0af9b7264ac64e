#pragma once
/// Private to this room: one read-write session and the few operations that Florin uses.
#include <memory>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "hsm/dialect.h"
#include "hsm/error_table.h"
#include "hsm/module.h"

namespace florin::hsm {

inline constexpr std::size_t kGcmIvSize = 12;
inline constexpr std::size_t kGcmLongestIvSize = 16;  ///< that devices make by themselves
inline constexpr std::size_t kGcmTagSize = 16;

/// An object as one generation of sessions knows it: the module may give the same number to another
/// object later.
struct KeyHandle {
  CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
  std::uint64_t generation = 0;
};

/// A session of one token. Not thread-safe: it belongs to one thread at a time. After an operation
/// failed the caller renews the session, because modules leave the failed operation active in it.
class Session {
 public:
  /// `generation` counts the logins and starts of the module; key handles of another one are
  /// refused.
  Session(std::shared_ptr<Module> module, CK_SLOT_ID slot, std::uint64_t generation = 0)
      : module_(std::move(module)), slot_(slot), generation_(generation) {}

  Result<void> open();
  Result<void> close();
  /// Opens a fresh session, then closes this one: login and token handles belong to the application
  /// and live on as long as one session does.
  Result<void> renew();
  /// `user` is CKU_USER or CKU_SO.
  Result<void> login(CK_USER_TYPE user, const Secret& pin);
  /// True when the user is logged in, as C_GetSessionInfo says.
  Result<bool> user_logged_in();
  Result<void> logout();
  Result<void> set_user_pin(const Secret& pin);
  /// The user's own change, with the PIN of now.
  Result<void> change_pin(const Secret& old_pin, const Secret& new_pin);

  /// Handles of all objects with this class and label, at most two: one is right, more is wrong.
  Result<std::vector<CK_OBJECT_HANDLE>> find(CK_OBJECT_CLASS object_class, std::string_view label);
  /// Handles of all objects with these attributes, at most `limit`.
  Result<std::vector<CK_OBJECT_HANDLE>> find(std::vector<CK_ATTRIBUTE> wanted, std::size_t limit);
  Result<CK_OBJECT_HANDLE> create_object(std::vector<CK_ATTRIBUTE> attributes);
  Result<void> destroy_object(CK_OBJECT_HANDLE object);
  /// An AES key of this session with a known value, to compare the device with other programs.
  Result<KeyHandle> create_test_key(const Secret& value);
  Result<void> set_flag(KeyHandle object, CK_ATTRIBUTE_TYPE type, bool value);
  /// The bytes of one attribute.
  Result<Bytes> attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type);
  /// A new key on the token.
  Result<CK_OBJECT_HANDLE> generate_key(CK_MECHANISM_TYPE mechanism,
                                        std::vector<CK_ATTRIBUTE> attributes);
  Result<void> generate_key_pair(CK_MECHANISM_TYPE mechanism,
                                 std::vector<CK_ATTRIBUTE> public_attributes,
                                 std::vector<CK_ATTRIBUTE> private_attributes);

  /// AES-GCM with the caller's 96-bit IV and a 128-bit tag; ciphertext, then tag.
  /// A handle of another generation fails as `session_lost` without a call.
  Result<Bytes> gcm_encrypt(KeyHandle key, BytesView iv, BytesView aad, BytesView plaintext);
  /// The same with an IV of the device's, which comes as `rule` says; IV, ciphertext, tag. Error:
  /// `hsm_failure` when the output is not of this rule, or no IV came.
  Result<Bytes> gcm_encrypt_own_iv(KeyHandle key, IvRule rule, BytesView aad, BytesView plaintext);
  /// `iv` has 12 or 16 bytes.
  Result<Secret> gcm_decrypt(KeyHandle key, BytesView iv, BytesView aad, BytesView sealed);
  /// ECDSA over a hash; the raw r|s.
  Result<Bytes> sign_ecdsa(KeyHandle key, BytesView hash);
  Result<void> random(std::span<std::uint8_t> out);

  /// The class of the last call that failed; the error alone does not tell it.
  [[nodiscard]] FailureClass last_failure() const noexcept { return last_failure_; }
  void forget_failure() noexcept { last_failure_ = FailureClass::none; }
  /// For who knows better what a failure meant.
  void set_failure(FailureClass failure) noexcept { last_failure_ = failure; }
  [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; }
  [[nodiscard]] KeyHandle tagged(CK_OBJECT_HANDLE object) const noexcept {
    return {object, generation_};
  }

 private:
  Result<void> checked(std::string_view function, CK_RV return_value);
  Result<void> check_generation(KeyHandle key);
  Result<Bytes> encrypt_with(CK_GCM_PARAMS& params, KeyHandle key, BytesView plaintext,
                             std::size_t expected);

  std::shared_ptr<Module> module_;
  CK_SLOT_ID slot_;
  std::uint64_t generation_;
  CK_SESSION_HANDLE handle_ = CK_INVALID_HANDLE;
  FailureClass last_failure_ = FailureClass::none;
};

}  // namespace florin::hsm
