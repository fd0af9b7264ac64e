// A PKCS#11 module that stands before a real one and does what a test's rules say.
#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "support/pkcs11_shim/gcm_dialect.h"
#include "support/pkcs11_shim/rules.h"

namespace florin::pkcs11_shim {
namespace {

using List = CK_FUNCTION_LIST;

constexpr auto kMembers = std::make_tuple(
    &List::C_Initialize, &List::C_Finalize, &List::C_GetInfo, &List::C_GetFunctionList,
    &List::C_GetSlotList, &List::C_GetSlotInfo, &List::C_GetTokenInfo, &List::C_GetMechanismList,
    &List::C_GetMechanismInfo, &List::C_InitToken, &List::C_InitPIN, &List::C_SetPIN,
    &List::C_OpenSession, &List::C_CloseSession, &List::C_CloseAllSessions, &List::C_GetSessionInfo,
    &List::C_GetOperationState, &List::C_SetOperationState, &List::C_Login, &List::C_Logout,
    &List::C_CreateObject, &List::C_CopyObject, &List::C_DestroyObject, &List::C_GetObjectSize,
    &List::C_GetAttributeValue, &List::C_SetAttributeValue, &List::C_FindObjectsInit,
    &List::C_FindObjects, &List::C_FindObjectsFinal, &List::C_EncryptInit, &List::C_Encrypt,
    &List::C_EncryptUpdate, &List::C_EncryptFinal, &List::C_DecryptInit, &List::C_Decrypt,
    &List::C_DecryptUpdate, &List::C_DecryptFinal, &List::C_DigestInit, &List::C_Digest,
    &List::C_DigestUpdate, &List::C_DigestKey, &List::C_DigestFinal, &List::C_SignInit,
    &List::C_Sign, &List::C_SignUpdate, &List::C_SignFinal, &List::C_SignRecoverInit,
    &List::C_SignRecover, &List::C_VerifyInit, &List::C_Verify, &List::C_VerifyUpdate,
    &List::C_VerifyFinal, &List::C_VerifyRecoverInit, &List::C_VerifyRecover,
    &List::C_DigestEncryptUpdate, &List::C_DecryptDigestUpdate, &List::C_SignEncryptUpdate,
    &List::C_DecryptVerifyUpdate, &List::C_GenerateKey, &List::C_GenerateKeyPair, &List::C_WrapKey,
    &List::C_UnwrapKey, &List::C_DeriveKey, &List::C_SeedRandom, &List::C_GenerateRandom,
    &List::C_GetFunctionStatus, &List::C_CancelFunction, &List::C_WaitForSlotEvent);
static_assert(std::tuple_size_v<decltype(kMembers)> == kFunctionNames.size());

template <std::size_t Number>
constexpr bool is(std::string_view name) {
  return kFunctionNames[Number] == name;
}

// Where a function takes an object, besides the session: the place among its arguments.
template <std::size_t Number>
constexpr std::size_t kObjectArgument =
    is<Number>("C_EncryptInit") || is<Number>("C_DecryptInit") || is<Number>("C_SignInit") ||
            is<Number>("C_VerifyInit")
        ? 2
    : is<Number>("C_GetAttributeValue") || is<Number>("C_DestroyObject") ||
            is<Number>("C_CopyObject") || is<Number>("C_GetObjectSize")
        ? 1
        : 0;

List& our_list();

void flip(unsigned char* out, std::size_t size, const Effects& effects) {
  if (out != nullptr && size > 0) {
    out[effects.byte % size] ^= static_cast<unsigned char>(effects.mask);
  }
}

template <std::size_t Number, class Arguments>
void corrupt(const Arguments& arguments, const Effects& effects) {
  if constexpr (is<Number>("C_Encrypt") || is<Number>("C_Decrypt") || is<Number>("C_Sign")) {
    flip(std::get<3>(arguments), *std::get<4>(arguments), effects);
  } else if constexpr (is<Number>("C_GenerateRandom")) {
    flip(std::get<1>(arguments), std::get<2>(arguments), effects);
  } else if constexpr (is<Number>("C_GetAttributeValue")) {
    CK_ATTRIBUTE* const attribute = std::get<2>(arguments);
    flip(static_cast<unsigned char*>(attribute->pValue), attribute->ulValueLen, effects);
  }
}

// Labels that searches ask for, until what they find is noted.
std::mutex searches_mutex;
std::map<CK_SESSION_HANDLE, FoundObject> searches;

void note_search(CK_SESSION_HANDLE session, const CK_ATTRIBUTE* wanted, unsigned long count) {
  FoundObject object{};
  for (unsigned long i = 0; i < count; ++i) {
    if (wanted[i].type == CKA_LABEL) {
      std::memcpy(object.label.data(), wanted[i].pValue,
                  std::min<std::size_t>(wanted[i].ulValueLen, object.label.size() - 1));
    } else if (wanted[i].type == CKA_CLASS && wanted[i].ulValueLen == sizeof(CK_OBJECT_CLASS)) {
      std::memcpy(&object.object_class, wanted[i].pValue, sizeof(CK_OBJECT_CLASS));
    }
  }
  const std::lock_guard lock(searches_mutex);
  searches[session] = object;
}

void note_found(CK_SESSION_HANDLE session, const CK_OBJECT_HANDLE* found, unsigned long count) {
  const std::lock_guard lock(searches_mutex);
  FoundObject object = searches[session];
  Control& shared = control();
  for (unsigned long i = 0; i < count; ++i) {
    object.handle = found[i];
    shared.found[shared.found_count % kFoundObjects] = object;
    shared.found_count.fetch_add(1);
  }
}

template <std::size_t N>
void pretend(unsigned char (&field)[N], const std::array<char, N>& text) {
  if (text.front() == 0) return;
  std::fill(std::begin(field), std::end(field), ' ');
  std::copy(text.begin(), std::find(text.begin(), text.end(), '\0'), std::begin(field));
}

bool is_hidden(CK_MECHANISM_TYPE mechanism) {
  const Control& shared = control();
  const auto* const end = shared.hidden_mechanisms.data() + shared.hidden_count;
  return std::find(shared.hidden_mechanisms.data(), end, mechanism) != end;
}

CK_RV mechanism_list(CK_SLOT_ID slot, CK_MECHANISM_TYPE* out, unsigned long* count) {
  unsigned long size = 0;
  CK_RV rv = real_functions()->C_GetMechanismList(slot, nullptr, &size);
  std::vector<CK_MECHANISM_TYPE> all(size);
  if (rv == CKR_OK) rv = real_functions()->C_GetMechanismList(slot, all.data(), &size);
  if (rv != CKR_OK) return rv;
  std::erase_if(all, is_hidden);
  const Control& shared = control();
  all.insert(all.end(), shared.added_mechanisms.data(),
             shared.added_mechanisms.data() + shared.added_count);
  const unsigned long room = *count;
  *count = all.size();
  if (out == nullptr) return CKR_OK;
  if (room < all.size()) return CKR_BUFFER_TOO_SMALL;
  std::copy(all.begin(), all.end(), out);
  return CKR_OK;
}

template <std::size_t Number, class... Args>
CK_RV real(Args... args) {
  return (real_functions()->*std::get<Number>(kMembers))(args...);
}

// The functions whose work is more than passing on.
template <std::size_t Number, class... Args>
CK_RV work(Args... args) {
  if constexpr (is<Number>("C_GetFunctionList")) {
    *std::get<0>(std::tie(args...)) = &our_list();
    return CKR_OK;
  } else if constexpr (is<Number>("C_EncryptInit")) {
    return encrypt_init(args...);
  } else if constexpr (is<Number>("C_Encrypt")) {
    return encrypt(args...);
  } else if constexpr (is<Number>("C_DecryptInit")) {
    return decrypt_init(args...);
  } else if constexpr (is<Number>("C_Decrypt")) {
    return decrypt(args...);
  } else if constexpr (is<Number>("C_GetMechanismList")) {
    return mechanism_list(args...);
  } else {
    return real<Number>(args...);
  }
}

template <std::size_t Number, class Arguments>
void observe(const Arguments& arguments) {
  if constexpr (is<Number>("C_OpenSession")) {
    remember_slot(std::get<0>(arguments));
  } else if constexpr (is<Number>("C_FindObjectsInit")) {
    note_search(std::get<0>(arguments), std::get<1>(arguments), std::get<2>(arguments));
  } else if constexpr (is<Number>("C_FindObjects")) {
    note_found(std::get<0>(arguments), std::get<1>(arguments), *std::get<3>(arguments));
  } else if constexpr (is<Number>("C_GetTokenInfo")) {
    CK_TOKEN_INFO& info = *std::get<1>(arguments);
    const Control& shared = control();
    info.flags = (info.flags | shared.token_flags_set) & ~shared.token_flags_clear;
    pretend(info.manufacturerID, shared.manufacturer);
    pretend(info.model, shared.model);
  }
}

template <std::size_t Number, class Arguments>
CK_RV changed_call(Arguments& arguments, const Effects& effects) {
  if (effects.has(kCloseSessions)) {
    static_cast<void>(real_functions()->C_CloseAllSessions(last_slot()));
  }
  if constexpr (is<Number>("C_FindObjects")) {
    if (effects.has(kFindNothing)) {
      *std::get<3>(arguments) = 0;
      return CKR_OK;
    }
  }
  if constexpr (is<Number>("C_GetMechanismInfo")) {
    if (is_hidden(std::get<1>(arguments))) return CKR_MECHANISM_INVALID;
  }
  if constexpr (kObjectArgument<Number> > 0) {
    CK_OBJECT_HANDLE& object = std::get<kObjectArgument<Number>>(arguments);
    const bool meant = effects.handle_from == kAnyFunction || effects.handle_from == object;
    if (effects.has(kRemap) && meant) object = effects.handle_to;
  }
  return std::apply([](auto... args) { return work<Number>(args...); }, arguments);
}

template <std::size_t Number, class... Args>
CK_RV entry(Args... args) {
  if constexpr (is<Number>("C_Initialize")) map_control();
  const Effects effects = begin_call(Number);
  if (effects.has(kFailBefore)) return effects.return_value;
  std::tuple<Args...> arguments(args...);
  if constexpr (sizeof...(Args) > 1) {
    // Every function of more than one argument that a logout can hit begins with the session.
    if constexpr (std::is_same_v<std::tuple_element_t<0, std::tuple<Args...>>, CK_SESSION_HANDLE>) {
      if (effects.has(kLogout)) {
        static_cast<void>(real_functions()->C_Logout(std::get<0>(arguments)));
      }
    }
  }
  const CK_RV rv = changed_call<Number>(arguments, effects);
  if (rv == CKR_OK) {
    observe<Number>(arguments);
    if (effects.has(kCorrupt)) corrupt<Number>(arguments, effects);
  }
  return effects.has(kFailAfter) ? effects.return_value : rv;
}

template <std::size_t Number, class... Args>
void put(List& list, CK_RV (*List::*member)(Args...)) {
  list.*member = &entry<Number, Args...>;
}

template <std::size_t... Numbers>
void put_all(List& list, std::index_sequence<Numbers...>) {
  (put<Numbers>(list, std::get<Numbers>(kMembers)), ...);
}

List& our_list() {
  static List list = [] {
    List out = *real_functions();
    put_all(out, std::make_index_sequence<kFunctionNames.size()>());
    return out;
  }();
  return list;
}

}  // namespace
}  // namespace florin::pkcs11_shim

// The one name that is looked up in a module (PKCS#11 2.40 §5.4).
extern "C" __attribute__((visibility("default"))) CK_RV C_GetFunctionList(CK_FUNCTION_LIST** list) {
  if (florin::pkcs11_shim::real_functions() == nullptr) return CKR_GENERAL_ERROR;
  *list = &florin::pkcs11_shim::our_list();
  return CKR_OK;
}
