#include "hsm/session.h"

#include <algorithm>

namespace florin::hsm {
namespace {

using Functions = CK_FUNCTION_LIST;

// PKCS#11 takes input through pointers to non-const and promises not to write there.
unsigned char* input(BytesView bytes) noexcept {
  return const_cast<unsigned char*>(bytes.data());  // NOLINT(*const-cast*)
}

CK_GCM_PARAMS gcm_params(BytesView iv, BytesView aad) noexcept {
  CK_GCM_PARAMS params{};
  params.iv_ptr = input(iv);
  params.iv_len = iv.size();
  params.iv_bits = iv.size() * 8;  // some modules read only this one
  params.aad_ptr = input(aad);
  params.aad_len = aad.size();
  params.tag_bits = kGcmTagSize * 8;
  return params;
}

CK_MECHANISM gcm_mechanism(CK_GCM_PARAMS& params) noexcept {
  return CK_MECHANISM{CKM_AES_GCM, &params, sizeof params};
}

}  // namespace

Result<void> Session::checked(std::string_view function, CK_RV return_value) {
  if (return_value == CKR_OK) return {};
  last_failure_ = failure_class(return_value);
  return call_error(function, return_value);
}

Result<void> Session::check_generation(KeyHandle key) {
  if (key.generation == generation_) return {};
  last_failure_ = FailureClass::session_lost;
  return Error(Errc::hsm_unavailable, {}, {}, "a key handle of an earlier generation");
}

Result<void> Session::open() {
  return checked("C_OpenSession", module_->call(&Functions::C_OpenSession, slot_,
                                                CK_FLAGS{CKF_SERIAL_SESSION | CKF_RW_SESSION},
                                                nullptr, nullptr, &handle_));
}

Result<void> Session::close() {
  const CK_SESSION_HANDLE handle = handle_;
  handle_ = CK_INVALID_HANDLE;
  return checked("C_CloseSession", module_->call(&Functions::C_CloseSession, handle));
}

Result<void> Session::renew() {
  const CK_SESSION_HANDLE old = handle_;
  FLORIN_TRY_VOID(open());
  return checked("C_CloseSession", module_->call(&Functions::C_CloseSession, old));
}

Result<void> Session::login(CK_USER_TYPE user, const Secret& pin) {
  const CK_RV rv =
      module_->call(&Functions::C_Login, handle_, user, input(pin.view()), CK_ULONG{pin.size()});
  if (rv == CKR_USER_ALREADY_LOGGED_IN) {
    CK_SESSION_INFO info{};
    FLORIN_TRY_VOID(
        checked("C_GetSessionInfo", module_->call(&Functions::C_GetSessionInfo, handle_, &info)));
    const CK_STATE wanted = user == CKU_SO ? CKS_RW_SO_FUNCTIONS : CKS_RW_USER_FUNCTIONS;
    if (info.state == wanted) return {};
  }
  return checked("C_Login", rv);
}

Result<bool> Session::user_logged_in() {
  CK_SESSION_INFO info{};
  FLORIN_TRY_VOID(
      checked("C_GetSessionInfo", module_->call(&Functions::C_GetSessionInfo, handle_, &info)));
  return info.state == CKS_RW_USER_FUNCTIONS;
}

Result<void> Session::logout() {
  return checked("C_Logout", module_->call(&Functions::C_Logout, handle_));
}

Result<void> Session::set_user_pin(const Secret& pin) {
  return checked("C_InitPIN", module_->call(&Functions::C_InitPIN, handle_, input(pin.view()),
                                            CK_ULONG{pin.size()}));
}

Result<void> Session::change_pin(const Secret& old_pin, const Secret& new_pin) {
  return checked("C_SetPIN", module_->call(&Functions::C_SetPIN, handle_, input(old_pin.view()),
                                           CK_ULONG{old_pin.size()}, input(new_pin.view()),
                                           CK_ULONG{new_pin.size()}));
}

Result<std::vector<CK_OBJECT_HANDLE>> Session::find(CK_OBJECT_CLASS object_class,
                                                    std::string_view label) {
  return find({{CKA_CLASS, &object_class, sizeof object_class},
               {CKA_LABEL, input(view_of(label)), label.size()}},
              2);
}

Result<std::vector<CK_OBJECT_HANDLE>> Session::find(std::vector<CK_ATTRIBUTE> wanted,
                                                    std::size_t limit) {
  FLORIN_TRY_VOID(
      checked("C_FindObjectsInit", module_->call(&Functions::C_FindObjectsInit, handle_,
                                                 wanted.data(), CK_ULONG{wanted.size()})));
  // Modules may give fewer than there are at once; only none means the end.
  std::vector<CK_OBJECT_HANDLE> found(limit);
  std::size_t size = 0;
  CK_RV rv = CKR_OK;
  for (CK_ULONG count = 1; rv == CKR_OK && count > 0 && size < limit; size += count) {
    count = 0;
    rv = module_->call(&Functions::C_FindObjects, handle_, found.data() + size,
                       CK_ULONG{limit - size}, &count);
    if (rv != CKR_OK || count > limit - size) break;
  }
  const CK_RV final_rv = module_->call(&Functions::C_FindObjectsFinal, handle_);
  FLORIN_TRY_VOID(checked("C_FindObjects", rv));
  FLORIN_TRY_VOID(checked("C_FindObjectsFinal", final_rv));
  found.resize(size);
  return found;
}

Result<CK_OBJECT_HANDLE> Session::create_object(std::vector<CK_ATTRIBUTE> attributes) {
  CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
  FLORIN_TRY_VOID(checked("C_CreateObject",
                          module_->call(&Functions::C_CreateObject, handle_, attributes.data(),
                                        CK_ULONG{attributes.size()}, &object)));
  return object;
}

Result<KeyHandle> Session::create_test_key(const Secret& value) {
  CK_OBJECT_CLASS type = CKO_SECRET_KEY;
  CK_KEY_TYPE kind = CKK_AES;
  CK_BBOOL yes = CK_TRUE;
  CK_BBOOL no = CK_FALSE;
  FLORIN_TRY(const CK_OBJECT_HANDLE made,
             create_object({{CKA_CLASS, &type, sizeof type},
                            {CKA_KEY_TYPE, &kind, sizeof kind},
                            {CKA_TOKEN, &no, sizeof no},
                            {CKA_PRIVATE, &yes, sizeof yes},
                            {CKA_SENSITIVE, &yes, sizeof yes},
                            {CKA_ENCRYPT, &yes, sizeof yes},
                            {CKA_VALUE, input(value.view()), value.size()}}));
  return tagged(made);
}

Result<void> Session::set_flag(KeyHandle object, CK_ATTRIBUTE_TYPE type, bool value) {
  FLORIN_TRY_VOID(check_generation(object));
  CK_BBOOL flag = value ? CK_TRUE : CK_FALSE;
  CK_ATTRIBUTE wanted{type, &flag, sizeof flag};
  return checked("C_SetAttributeValue", module_->call(&Functions::C_SetAttributeValue, handle_,
                                                      object.object, &wanted, CK_ULONG{1}));
}

Result<void> Session::destroy_object(CK_OBJECT_HANDLE object) {
  return checked("C_DestroyObject", module_->call(&Functions::C_DestroyObject, handle_, object));
}

Result<Bytes> Session::attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
  CK_ATTRIBUTE wanted{type, nullptr, 0};
  FLORIN_TRY_VOID(checked(
      "C_GetAttributeValue",
      module_->call(&Functions::C_GetAttributeValue, handle_, object, &wanted, CK_ULONG{1})));
  constexpr CK_ULONG kLongest = 4096;
  if (wanted.ulValueLen > kLongest) {
    return Error(Errc::hsm_failure, {}, {}, "an attribute is not available or too long");
  }
  Bytes value(wanted.ulValueLen);
  if (value.empty()) return value;
  wanted.pValue = value.data();
  FLORIN_TRY_VOID(checked(
      "C_GetAttributeValue",
      module_->call(&Functions::C_GetAttributeValue, handle_, object, &wanted, CK_ULONG{1})));
  if (wanted.ulValueLen > value.size()) {
    return Error(Errc::hsm_failure, {}, {}, "an attribute grew while it was read");
  }
  value.resize(wanted.ulValueLen);
  return value;
}

Result<CK_OBJECT_HANDLE> Session::generate_key(CK_MECHANISM_TYPE mechanism,
                                               std::vector<CK_ATTRIBUTE> attributes) {
  CK_MECHANISM how{mechanism, nullptr, 0};
  CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
  FLORIN_TRY_VOID(checked("C_GenerateKey",
                          module_->call(&Functions::C_GenerateKey, handle_, &how, attributes.data(),
                                        CK_ULONG{attributes.size()}, &key)));
  return key;
}

Result<void> Session::generate_key_pair(CK_MECHANISM_TYPE mechanism,
                                        std::vector<CK_ATTRIBUTE> public_attributes,
                                        std::vector<CK_ATTRIBUTE> private_attributes) {
  CK_MECHANISM how{mechanism, nullptr, 0};
  CK_OBJECT_HANDLE public_key = CK_INVALID_HANDLE;
  CK_OBJECT_HANDLE private_key = CK_INVALID_HANDLE;
  return checked(
      "C_GenerateKeyPair",
      module_->call(&Functions::C_GenerateKeyPair, handle_, &how, public_attributes.data(),
                    CK_ULONG{public_attributes.size()}, private_attributes.data(),
                    CK_ULONG{private_attributes.size()}, &public_key, &private_key));
}

Result<Bytes> Session::gcm_encrypt(KeyHandle key, BytesView iv, BytesView aad,
                                   BytesView plaintext) {
  // A module that is given no IV may use a fixed one, and one that is given no AAD may crash.
  FLORIN_ASSERT(iv.size() == kGcmIvSize && !aad.empty() && !plaintext.empty());
  FLORIN_TRY_VOID(check_generation(key));
  CK_GCM_PARAMS params = gcm_params(iv, aad);
  return encrypt_with(params, key, plaintext, plaintext.size() + kGcmTagSize);
}

Result<Bytes> Session::encrypt_with(CK_GCM_PARAMS& params, KeyHandle key, BytesView plaintext,
                                    std::size_t expected) {
  CK_MECHANISM mechanism = gcm_mechanism(params);
  FLORIN_TRY_VOID(checked(
      "C_EncryptInit", module_->call(&Functions::C_EncryptInit, handle_, &mechanism, key.object)));
  // Room for an IV that nobody asked for: its length then tells that it is there.
  Bytes out(plaintext.size() + kGcmTagSize + kGcmLongestIvSize);
  CK_ULONG size = out.size();
  FLORIN_TRY_VOID(
      checked("C_Encrypt", module_->call(&Functions::C_Encrypt, handle_, input(plaintext),
                                         CK_ULONG{plaintext.size()}, out.data(), &size)));
  if (size != expected) {
    return Error(Errc::hsm_failure, {}, {}, "the token's AES-GCM output has an unexpected length");
  }
  out.resize(size);
  return out;
}

Result<Bytes> Session::gcm_encrypt_own_iv(KeyHandle key, IvRule rule, BytesView aad,
                                          BytesView plaintext) {
  FLORIN_ASSERT(!aad.empty() && !plaintext.empty());
  FLORIN_TRY_VOID(check_generation(key));
  // Written by the device, at the latest when C_Encrypt returns.
  Bytes iv(kGcmIvSize);
  const bool written_back = rule == IvRule::written_back;
  CK_GCM_PARAMS params = gcm_params(written_back ? BytesView(iv) : BytesView(), aad);
  const std::size_t added = written_back               ? 0
                            : rule == IvRule::appended ? kGcmLongestIvSize
                                                       : kGcmIvSize;
  FLORIN_TRY(Bytes out,
             encrypt_with(params, key, plaintext, plaintext.size() + kGcmTagSize + added));
  if (written_back) {
    out.insert(out.begin(), iv.begin(), iv.end());
  } else if (rule == IvRule::appended) {
    std::ranges::rotate(out, out.end() - static_cast<std::ptrdiff_t>(added));
  }
  const BytesView made = BytesView(out).first(written_back ? kGcmIvSize : added);
  if (std::ranges::all_of(made, [](std::uint8_t byte) { return byte == 0; })) {
    return Error(Errc::hsm_failure, {}, {}, "the token made no IV");
  }
  return out;
}

Result<Secret> Session::gcm_decrypt(KeyHandle key, BytesView iv, BytesView aad, BytesView sealed) {
  FLORIN_ASSERT((iv.size() == kGcmIvSize || iv.size() == kGcmLongestIvSize) && !aad.empty() &&
                sealed.size() > kGcmTagSize);
  FLORIN_TRY_VOID(check_generation(key));
  CK_GCM_PARAMS params = gcm_params(iv, aad);
  CK_MECHANISM mechanism = gcm_mechanism(params);
  FLORIN_TRY_VOID(checked(
      "C_DecryptInit", module_->call(&Functions::C_DecryptInit, handle_, &mechanism, key.object)));
  Secret out(sealed.size());
  CK_ULONG size = out.size();
  FLORIN_TRY_VOID(
      checked("C_Decrypt", module_->call(&Functions::C_Decrypt, handle_, input(sealed),
                                         CK_ULONG{sealed.size()}, out.writable().data(), &size)));
  if (size != sealed.size() - kGcmTagSize) {
    return Error(Errc::hsm_failure, {}, {}, "the token's AES-GCM output has an unexpected length");
  }
  return Secret(out.view().first(size));
}

Result<Bytes> Session::sign_ecdsa(KeyHandle key, BytesView hash) {
  FLORIN_TRY_VOID(check_generation(key));
  CK_MECHANISM mechanism{CKM_ECDSA, nullptr, 0};
  FLORIN_TRY_VOID(checked("C_SignInit",
                          module_->call(&Functions::C_SignInit, handle_, &mechanism, key.object)));
  Bytes out(128);
  CK_ULONG size = out.size();
  FLORIN_TRY_VOID(checked("C_Sign", module_->call(&Functions::C_Sign, handle_, input(hash),
                                                  CK_ULONG{hash.size()}, out.data(), &size)));
  out.resize(size);
  return out;
}

Result<void> Session::random(std::span<std::uint8_t> out) {
  return checked("C_GenerateRandom", module_->call(&Functions::C_GenerateRandom, handle_,
                                                   out.data(), CK_ULONG{out.size()}));
}

}  // namespace florin::hsm
