#pragma once
/// A person's signing key: a file in the person's home, sealed by a passphrase.
#include <filesystem>
#include <string>
#include <string_view>

#include "base/ed25519.h"
#include "base/passphrase.h"
#include "daemon/domain/person.h"

namespace florin::cli {

/// What the file holds; nothing of it is secret without the passphrase.
struct PersonKey {
  std::string name;
  std::uint32_t uid = 0;
  Ed25519PublicKey key{};
  PassphraseSealed sealed;
};

/// A new key and the public part to hand over. Errors: `malformed_value` (name), those of
/// seal_with_passphrase.
struct Enrolment {
  PersonKey key;
  domain::PublicPart part;
};
Result<Enrolment> enrol(const std::string& name, std::uint32_t uid, const Secret& passphrase,
                        PassphraseCost cost, Entropy& entropy);

std::string format_person_key(const PersonKey& key);
/// Error: `malformed_value`.
Result<PersonKey> parse_person_key(std::string_view text);
/// The seed. Errors: `decryption_failed` (another passphrase), those of open_with_passphrase.
Result<Secret> unlock(const PersonKey& key, const Secret& passphrase);

/// Errors: `not_found`, `io_failure`, `permission_denied` when others may read it,
/// `malformed_value`; the field is the path.
Result<PersonKey> read_person_key(const std::filesystem::path& path);

}  // namespace florin::cli
