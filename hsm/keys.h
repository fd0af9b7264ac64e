#pragma once
/// Private to this room: the keys Florin keeps on a token, what they must look like, how they are
/// found and made.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "hsm/session.h"

namespace florin::hsm {

enum class KeyKind : std::uint8_t { aes_wrap, ecdsa_sign };

struct KeySpec {
  std::string label;
  KeyKind kind = KeyKind::aes_wrap;
  std::uint32_t number = 0;  ///< of "kek/N" and "aud/N"
};

inline constexpr std::string_view kKekPrefix = "kek/";
inline constexpr std::string_view kAuditPrefix = "aud/";

KeySpec kek_spec(std::uint32_t number);
KeySpec audit_spec(std::uint32_t number);
/// Never encrypts real data: it tells a sick token from a bad ciphertext.
KeySpec probe_spec();
/// What a token needs at least: kek/1, aud/1, probe.
std::vector<KeySpec> first_key_specs();
/// The N of "<prefix>N", from 1, without leading zeroes; nothing for any other label.
std::optional<std::uint32_t> number_of(std::string_view label, std::string_view prefix) noexcept;

/// A key that was found and passed its checks.
struct KeyOnToken {
  KeySpec spec{};
  KeyHandle handle;
  Bytes id;
  std::string check_value;  ///< hex; empty where the token gives none
  Bytes public_key_der;     ///< SubjectPublicKeyInfo; empty for secret keys
};

/// Finds exactly one key with this class and label and checks every attribute.
/// Errors: `hsm_key_missing`, `hsm_key_duplicate`, `hsm_key_unfit` (which property, in the
/// message).
Result<KeyOnToken> find_key(Session& session, const KeySpec& spec);
/// The value that tells this key from others, as the token says now; empty where it says none.
/// Errors: as the module says, for any failure but "there is no such attribute".
Result<std::string> check_value_now(Session& session, CK_OBJECT_HANDLE secret_key);
/// Makes the key with the id. The caller has made sure that none exists.
Result<void> generate_key(Session& session, const KeySpec& spec, BytesView id);

}  // namespace florin::hsm
