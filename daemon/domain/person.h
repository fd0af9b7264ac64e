#pragma once
/// People: who they are, what proves it, and which roles they hold together.
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ed25519.h"
#include "base/ids.h"
#include "daemon/domain/records.h"
#include "daemon/domain/role.h"

namespace florin::domain {

struct PersonTag {
  static constexpr std::string_view prefix = "per";
};
using PersonId = Id<PersonTag>;

/// What a person hands over to be bound; signed with the key that it names, so that nobody can
/// claim another one's key.
struct PublicPart {
  std::string name;       ///< see check_name
  std::uint32_t uid = 0;  ///< account at the appliance
  Ed25519PublicKey key{};
  Ed25519Signature signature{};  ///< over public_part_claim
};

struct Person {
  PersonId id;
  std::uint64_t version = 0;
  PublicPart part;
  UnixNanos bound_at = 0;
  Roles roles = 0;
  bool active = true;  ///< false: unbound, for ever
};

/// The lines that the signature of a public part is over; the first one separates the domain.
std::string public_part_claim(std::string_view name, std::uint32_t uid,
                              const Ed25519PublicKey& key);
/// The claim and the signature, one line each.
std::string format_public_part(const PublicPart& part);
/// Takes exactly what format_public_part writes. Errors: `malformed_value`, `signature_invalid`.
Result<PublicPart> parse_public_part(std::string_view text);

/// True when one person may hold both.
bool roles_agree(Role one, Role other) noexcept;
/// Error: `state_conflict`, naming the two roles that one person must not hold.
Result<void> check_roles(Roles roles);
/// "admin", "operator,admin"; empty for none.
std::string roles_text(Roles roles);
/// Takes what roles_text writes, in any order. Error: `malformed_value`.
Result<Roles> parse_roles(std::string_view text);

Stored encode(const Person& person);
/// Error: `ledger_record_invalid`.
Result<Person> decode_person(const Uuid& id, std::uint64_t version, BytesView immutable,
                             BytesView head);

}  // namespace florin::domain
