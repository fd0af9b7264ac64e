#include "support/pkcs11_shim/gcm_dialect.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <mutex>
#include <vector>

namespace florin::pkcs11_shim {
namespace {

constexpr std::size_t kIv = 12;
constexpr std::size_t kTag = 16;
constexpr std::size_t kLunaIv = 16;
constexpr unsigned long kShortTagBits = 32;

// What an operation that was begun must remember until its data come.
struct Operation {
  Word dialect = kHonest;
  std::vector<unsigned char> iv;
  std::vector<unsigned char> context;
  CK_GCM_PARAMS below{};
  unsigned char* write_back = nullptr;
};

std::mutex operations_mutex;
std::map<CK_SESSION_HANDLE, Operation> operations;

CK_GCM_PARAMS* params_of(CK_MECHANISM* mechanism) {
  if (mechanism == nullptr || mechanism->mechanism != CKM_AES_GCM) return nullptr;
  if (mechanism->pParameter == nullptr || mechanism->ulParameterLen != sizeof(CK_GCM_PARAMS)) {
    return nullptr;
  }
  return static_cast<CK_GCM_PARAMS*>(mechanism->pParameter);
}

std::vector<unsigned char> fresh_iv(CK_SESSION_HANDLE session, std::size_t size) {
  std::vector<unsigned char> iv(size);
  static_cast<void>(real_functions()->C_GenerateRandom(session, iv.data(), iv.size()));
  return iv;
}

void use_iv(Operation& operation, std::vector<unsigned char> iv) {
  operation.iv = std::move(iv);
  operation.below.iv_ptr = operation.iv.data();
  operation.below.iv_len = operation.iv.size();
  operation.below.iv_bits = operation.iv.size() * 8;
}

void use_no_iv(Operation& operation) {
  operation.below.iv_ptr = nullptr;
  operation.below.iv_len = 0;
  operation.below.iv_bits = 0;
}

bool is_zero(const CK_GCM_PARAMS& params) {
  return params.iv_ptr != nullptr &&
         std::all_of(params.iv_ptr, params.iv_ptr + params.iv_len, [](auto b) { return b == 0; });
}

CK_RV prepare_encryption(CK_SESSION_HANDLE session, const CK_GCM_PARAMS& asked,
                         Operation& operation) {
  switch (operation.dialect) {
    case kLunaFips:
      use_iv(operation, fresh_iv(session, kLunaIv));
      return CKR_OK;
    case kCloudHsm:
      if (asked.iv_len != kIv || !is_zero(asked)) return CKR_MECHANISM_PARAM_INVALID;
      operation.write_back = asked.iv_ptr;
      use_iv(operation, fresh_iv(session, kIv));
      return CKR_OK;
    case kNullIv:
      if (asked.iv_ptr != nullptr || asked.iv_len != 0) return CKR_MECHANISM_PARAM_INVALID;
      use_iv(operation, fresh_iv(session, kIv));
      return CKR_OK;
    default:
      return CKR_OK;
  }
}

void prepare_liar(Operation& operation) {
  if (operation.dialect == kZeroIvLiar) {
    use_iv(operation, std::vector<unsigned char>(std::max<std::size_t>(1, operation.below.iv_len)));
  }
  if (operation.dialect == kDropIv) use_no_iv(operation);
  if (operation.dialect == kZeroTagLiar) operation.below.tag_bits = 0;
  if (operation.dialect == kShortTag) operation.below.tag_bits = kShortTagBits;
}

void forget(CK_SESSION_HANDLE session) {
  const std::lock_guard lock(operations_mutex);
  operations.erase(session);
}

// No lock is held while the module below works: it may hang.
template <class Init>
CK_RV init(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key, bool encrypts,
           Init real) {
  forget(session);
  CK_GCM_PARAMS* const asked = params_of(mechanism);
  const Word dialect = control().dialect;
  if (asked == nullptr || dialect == kHonest) return real(session, mechanism, key);
  Operation operation;
  operation.dialect = dialect;
  operation.below = *asked;
  operation.context.assign(asked->aad_ptr, asked->aad_ptr + asked->aad_len);
  operation.below.aad_ptr = operation.context.data();
  CK_RV rv = encrypts ? prepare_encryption(session, *asked, operation) : CKR_OK;
  prepare_liar(operation);
  CK_MECHANISM below{CKM_AES_GCM, &operation.below, sizeof operation.below};
  if (rv == CKR_OK) rv = real(session, &below, key);
  if (rv != CKR_OK) return rv;
  const std::lock_guard lock(operations_mutex);
  operations[session] = std::move(operation);
  return CKR_OK;
}

// The operation of this session, which ends with this call unless only a size is asked.
bool take(CK_SESSION_HANDLE session, bool ends, Operation& out) {
  const std::lock_guard lock(operations_mutex);
  const auto found = operations.find(session);
  if (found == operations.end()) return false;
  if (!ends) {
    out.dialect = found->second.dialect;
    return true;
  }
  out = std::move(found->second);
  operations.erase(found);
  return true;
}

std::size_t added_size(Word dialect) {
  if (dialect == kLunaFips) return kLunaIv;
  if (dialect == kNullIv) return kIv;
  return dialect == kZeroTagLiar ? kTag : 0;
}

}  // namespace

CK_RV encrypt_init(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
  return init(session, mechanism, key, true, real_functions()->C_EncryptInit);
}

CK_RV decrypt_init(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
  // Counter mode is its own inverse: encrypting the ciphertext gives the text and checks nothing.
  const bool unchecked = control().dialect == kZeroTagLiar && params_of(mechanism) != nullptr;
  return init(session, mechanism, key, false,
              unchecked ? real_functions()->C_EncryptInit : real_functions()->C_DecryptInit);
}

CK_RV encrypt(CK_SESSION_HANDLE session, unsigned char* text, unsigned long text_size,
              unsigned char* out, unsigned long* out_size) {
  const auto* const real = real_functions();
  Operation operation;
  if (!take(session, out != nullptr, operation)) {
    return real->C_Encrypt(session, text, text_size, out, out_size);
  }
  const std::size_t added = added_size(operation.dialect);
  std::vector<unsigned char> inner(text_size + 2 * kTag);
  unsigned long size = inner.size();
  if (out == nullptr) {
    const CK_RV rv = real->C_Encrypt(session, text, text_size, nullptr, out_size);
    *out_size += added;
    return rv;
  }
  const CK_RV rv = real->C_Encrypt(session, text, text_size, inner.data(), &size);
  if (rv != CKR_OK) return rv;
  if (*out_size < size + added) return CKR_BUFFER_TOO_SMALL;
  inner.resize(size);
  if (operation.dialect == kLunaFips) {
    inner.insert(inner.end(), operation.iv.begin(), operation.iv.end());
  } else if (operation.dialect == kNullIv) {
    inner.insert(inner.begin(), operation.iv.begin(), operation.iv.end());
  } else if (operation.dialect == kZeroTagLiar) {
    inner.insert(inner.end(), kTag, 0x7A);
  }
  if (operation.write_back != nullptr) {
    std::copy(operation.iv.begin(), operation.iv.end(), operation.write_back);
  }
  std::copy(inner.begin(), inner.end(), out);
  *out_size = inner.size();
  return CKR_OK;
}

CK_RV decrypt(CK_SESSION_HANDLE session, unsigned char* sealed, unsigned long sealed_size,
              unsigned char* out, unsigned long* out_size) {
  Operation operation;
  if (!take(session, out != nullptr, operation) || operation.dialect != kZeroTagLiar) {
    return real_functions()->C_Decrypt(session, sealed, sealed_size, out, out_size);
  }
  sealed_size -= std::min<unsigned long>(kTag, sealed_size);
  return real_functions()->C_Encrypt(session, sealed, sealed_size, out, out_size);
}

}  // namespace florin::pkcs11_shim
