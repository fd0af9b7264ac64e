#pragma once
/// The control file that the shim and a test share by mmap: rules that a test arms while the module
/// is in use, and counts of the calls that were made. All fields are 64-bit little-endian words, so
/// that tests/system/hsm_faults.py can read and write them by offset.
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace florin::pkcs11_shim {

/// The functions in the order of CK_FUNCTION_LIST (PKCS#11 2.40 §3.6); a function's number is its
/// place in it.
inline constexpr std::array<std::string_view, 68> kFunctionNames = {
    "C_Initialize",
    "C_Finalize",
    "C_GetInfo",
    "C_GetFunctionList",
    "C_GetSlotList",
    "C_GetSlotInfo",
    "C_GetTokenInfo",
    "C_GetMechanismList",
    "C_GetMechanismInfo",
    "C_InitToken",
    "C_InitPIN",
    "C_SetPIN",
    "C_OpenSession",
    "C_CloseSession",
    "C_CloseAllSessions",
    "C_GetSessionInfo",
    "C_GetOperationState",
    "C_SetOperationState",
    "C_Login",
    "C_Logout",
    "C_CreateObject",
    "C_CopyObject",
    "C_DestroyObject",
    "C_GetObjectSize",
    "C_GetAttributeValue",
    "C_SetAttributeValue",
    "C_FindObjectsInit",
    "C_FindObjects",
    "C_FindObjectsFinal",
    "C_EncryptInit",
    "C_Encrypt",
    "C_EncryptUpdate",
    "C_EncryptFinal",
    "C_DecryptInit",
    "C_Decrypt",
    "C_DecryptUpdate",
    "C_DecryptFinal",
    "C_DigestInit",
    "C_Digest",
    "C_DigestUpdate",
    "C_DigestKey",
    "C_DigestFinal",
    "C_SignInit",
    "C_Sign",
    "C_SignUpdate",
    "C_SignFinal",
    "C_SignRecoverInit",
    "C_SignRecover",
    "C_VerifyInit",
    "C_Verify",
    "C_VerifyUpdate",
    "C_VerifyFinal",
    "C_VerifyRecoverInit",
    "C_VerifyRecover",
    "C_DigestEncryptUpdate",
    "C_DecryptDigestUpdate",
    "C_SignEncryptUpdate",
    "C_DecryptVerifyUpdate",
    "C_GenerateKey",
    "C_GenerateKeyPair",
    "C_WrapKey",
    "C_UnwrapKey",
    "C_DeriveKey",
    "C_SeedRandom",
    "C_GenerateRandom",
    "C_GetFunctionStatus",
    "C_CancelFunction",
    "C_WaitForSlotEvent",
};

/// The number of a function; the size of the table when there is none of that name.
constexpr std::uint64_t function_number(std::string_view name) noexcept {
  std::uint64_t number = 0;
  while (number < kFunctionNames.size() && kFunctionNames[number] != name) ++number;
  return number;
}

using Word = std::uint64_t;
inline constexpr Word kMagic = 0x314D4948534C46ULL;  // "FLSHIM1"
inline constexpr Word kAnyFunction = ~Word{0};
inline constexpr Word kForever = ~Word{0};

/// What a rule does, as bits; several at once are allowed.
enum Action : Word {
  kFailBefore = 1U << 0,     ///< gives `return_value`, the real function is not called
  kFailAfter = 1U << 1,      ///< calls the real function, then gives `return_value`
  kDelay = 1U << 2,          ///< waits `delay_us` before the call
  kBlock = 1U << 3,          ///< waits before the call until `released` or the rule is disarmed
  kCorrupt = 1U << 4,        ///< flips `second` in byte `first` (modulo length) of the output
  kRemap = 1U << 5,          ///< object handle `first` (kAnyFunction: each) becomes `second`
  kCloseSessions = 1U << 6,  ///< C_CloseAllSessions behind the caller's back, before the call
  kLogout = 1U << 7,         ///< C_Logout behind the caller's back, before the call
  kFindNothing = 1U << 8,    ///< C_FindObjects: success and no object
  kKill = 1U << 9,           ///< SIGKILL to the process, before the call
};

/// A peer's idea of AES-GCM (single-part calls only).
enum Dialect : Word {
  kHonest = 0,
  kLunaFips = 1,     ///< makes its own 16-byte IV and appends it to the ciphertext
  kCloudHsm = 2,     ///< wants 12 zero bytes, makes its own IV, writes it back at the end
  kNullIv = 3,       ///< wants no IV, makes its own 12 bytes and puts them before the ciphertext
  kZeroIvLiar = 4,   ///< takes any IV and uses zeroes
  kZeroTagLiar = 5,  ///< appends a constant for a tag and never checks one
  kDropIv = 6,       ///< passes no IV to the module below
  kShortTag = 7,     ///< makes tags of 4 bytes whatever is asked, and takes them
};

/// A rule fires on the calls skip+1 … skip+count of its function, counted from when it was armed.
struct Rule {
  std::atomic<Word> armed;
  Word function;
  Word skip;
  Word count;
  Word actions;
  Word return_value;
  Word delay_us;
  Word first;
  Word second;
  std::atomic<Word> seen;
  std::atomic<Word> fired;
  std::atomic<Word> waiting;  ///< callers that a kBlock holds now
  std::atomic<Word> released;
  Word unused;
};

/// An object that was found, so that a test can name it by its label. Latest last.
struct FoundObject {
  Word handle;
  Word object_class;
  std::array<char, 48> label;
};

inline constexpr std::size_t kRules = 32;
inline constexpr std::size_t kFoundObjects = 256;
inline constexpr std::size_t kMechanisms = 8;

struct Control {
  Word magic;
  std::atomic<Word> total;  ///< calls of all functions
  Word dialect;
  Word token_flags_set;
  Word token_flags_clear;
  std::array<char, 32> manufacturer;  ///< empty = the real one
  std::array<char, 16> model;
  std::array<Word, kMechanisms> hidden_mechanisms;
  Word hidden_count;
  std::array<Word, kMechanisms> added_mechanisms;
  Word added_count;
  std::atomic<Word> found_count;
  std::array<std::atomic<Word>, 72> calls;  ///< per function
  std::array<Rule, kRules> rules;
  std::array<FoundObject, kFoundObjects> found;  ///< a ring
};

static_assert(std::atomic<Word>::is_always_lock_free && sizeof(std::atomic<Word>) == 8);
static_assert(offsetof(Control, calls) == 240 && offsetof(Control, rules) == 816);
static_assert(sizeof(Rule) == 112 && offsetof(Control, found) == 816 + kRules * 112);
static_assert(sizeof(FoundObject) == 64);

}  // namespace florin::pkcs11_shim
