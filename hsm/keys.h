#pragma once
/// Private to this room: the keys Florin keeps on a token, what they must look like, how they are
/// found and made.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "hsm/session.h"

namespace florin::hsm {

enum class KeyKind : std::uint8_t { aes_wrap, ecdsa_sign };

struct KeySpec {
  std::string_view label;
  KeyKind kind;
};

inline constexpr std::uint32_t kKekNumber = 1;
inline constexpr KeySpec kKek = {"kek/1", KeyKind::aes_wrap};
inline constexpr KeySpec kAudit = {"aud/1", KeyKind::ecdsa_sign};
/// Never encrypts real data: it tells a sick token from a bad ciphertext.
inline constexpr KeySpec kProbe = {"probe", KeyKind::aes_wrap};
inline constexpr std::array kKeySpecs = {kKek, kAudit, kProbe};

/// A key that was found and passed its checks.
struct KeyOnToken {
  KeySpec spec{};
  CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;
  Bytes id;
  std::string check_value;  ///< hex; empty where the token gives none
  Bytes public_key_der;     ///< SubjectPublicKeyInfo; empty for secret keys
};

/// Finds exactly one key with this class and label and checks every attribute.
/// Errors: `hsm_key_missing`, `hsm_key_duplicate`, `hsm_key_unfit` (which property, in the
/// message).
Result<KeyOnToken> find_key(Session& session, const KeySpec& spec);
/// Makes the key with the id. The caller has made sure that none exists.
Result<void> generate_key(Session& session, const KeySpec& spec, BytesView id);

}  // namespace florin::hsm
