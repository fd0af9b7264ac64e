#include "daemon/domain/person.h"

#include <array>
#include <charconv>
#include <vector>

namespace florin::domain {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::string_view kFirstLine = "florin-person/1";
constexpr Roles kAllRoles = roles(Role::auditor, Role::operator_, Role::custodian, Role::admin);

struct Pair {
  Role one;
  Role other;
};

// Who watches does not act; who holds the keys neither uses them nor decides who holds them.
constexpr std::array kConflicts = {
    Pair{Role::auditor, Role::operator_}, Pair{Role::auditor, Role::custodian},
    Pair{Role::auditor, Role::admin},     Pair{Role::custodian, Role::operator_},
    Pair{Role::custodian, Role::admin},
};

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  std::size_t begin = 0;
  for (;;) {
    const std::size_t end = text.find(separator, begin);
    if (end == std::string_view::npos) {
      out.push_back(text.substr(begin));
      return out;
    }
    out.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
}

Error malformed(std::string message) {
  return Error(Errc::malformed_value, {}, std::move(message));
}

Result<std::string_view> line_value(std::string_view line, std::string_view name) {
  if (line.size() > name.size() && line.starts_with(name) && line[name.size()] == ' ') {
    return line.substr(name.size() + 1);
  }
  return malformed("a public part has a line \"" + std::string(name) + " ...\" here");
}

template <std::size_t N>
Result<ByteArray<N>> fixed_bytes(std::string_view base64) {
  FLORIN_TRY(const Bytes bytes, from_base64(base64));
  if (bytes.size() != N) return malformed("expected " + std::to_string(N) + " bytes");
  return ByteReader(bytes).array<N>();
}

}  // namespace

std::string public_part_claim(std::string_view name, std::uint32_t uid,
                              const Ed25519PublicKey& key) {
  return std::string(kFirstLine) + "\nname " + std::string(name) + "\nuid " + std::to_string(uid) +
         "\nkey " + to_base64(key) + "\n";
}

std::string format_public_part(const PublicPart& part) {
  return public_part_claim(part.name, part.uid, part.key) + "signature " +
         to_base64(part.signature) + "\n";
}

Result<PublicPart> parse_public_part(std::string_view text) {
  const std::vector<std::string_view> lines = split(text, '\n');
  if (lines.size() != 6 || lines[0] != kFirstLine || !lines[5].empty()) {
    return malformed("expected the public part of a person, as florin role enrol writes it");
  }
  PublicPart part;
  FLORIN_TRY(part.name, line_value(lines[1], "name"));
  FLORIN_TRY_VOID(check_name(part.name));
  FLORIN_TRY(const std::string_view uid, line_value(lines[2], "uid"));
  const char* const uid_begin = uid.data();
  const char* const uid_end = uid_begin + uid.size();
  const auto [end, error] = std::from_chars(uid_begin, uid_end, part.uid);
  if (error != std::errc() || end != uid_end) return malformed("the uid is not a number");
  FLORIN_TRY(const std::string_view key, line_value(lines[3], "key"));
  FLORIN_TRY(part.key, fixed_bytes<32>(key));
  FLORIN_TRY(const std::string_view signature, line_value(lines[4], "signature"));
  FLORIN_TRY(part.signature, fixed_bytes<kEd25519SignatureSize>(signature));
  // Leading zeroes and the like: what was signed is the one form.
  if (format_public_part(part) != text) return malformed("the public part is not in its one form");
  FLORIN_TRY_VOID(verify_ed25519(
      part.key, view_of(public_part_claim(part.name, part.uid, part.key)), part.signature));
  return part;
}

bool roles_agree(Role one, Role other) noexcept {
  for (const Pair& pair : kConflicts) {
    if ((pair.one == one && pair.other == other) || (pair.one == other && pair.other == one)) {
      return false;
    }
  }
  return true;
}

Result<void> check_roles(Roles held) {
  for (const Role one : kRoles) {
    for (const Role other : kRoles) {
      if (!holds(held, one) || !holds(held, other) || roles_agree(one, other)) continue;
      return Error(Errc::state_conflict, {},
                   "one person must not be " + std::string(role_name(one)) + " and " +
                       std::string(role_name(other)));
    }
  }
  return {};
}

std::string roles_text(Roles held) {
  std::string out;
  for (const Role role : kRoles) {
    if (!holds(held, role)) continue;
    if (!out.empty()) out += ',';
    out += role_name(role);
  }
  return out;
}

Result<Roles> parse_roles(std::string_view text) {
  Roles out = 0;
  for (const std::string_view name : split(text, ',')) {
    const std::optional<Role> role = parse_role(name);
    if (!role) return malformed("expected auditor, operator, custodian or admin, with commas");
    if (holds(out, *role)) return malformed("a role is named twice");
    out = static_cast<Roles>(out | roles(*role));
  }
  return out;
}

Stored encode(const Person& person) {
  ByteWriter immutable;
  immutable.u8(kFormat);
  immutable.sized_text(person.part.name);
  immutable.u32(person.part.uid);
  immutable.raw(person.part.key);
  immutable.raw(person.part.signature);
  immutable.i64(person.bound_at);
  ByteWriter head;
  head.u8(kFormat);
  head.u8(person.roles);
  head.u8(person.active ? 1 : 0);
  return {std::move(immutable).take(), std::move(head).take()};
}

Result<Person> decode_person(const Uuid& id, std::uint64_t version, BytesView immutable,
                             BytesView head) {
  ByteReader fixed(immutable);
  const bool known = fixed.u8() == kFormat;
  Person person{.id = {id}, .version = version, .part = {}, .bound_at = 0};
  person.part.name = fixed.sized_text(31);
  person.part.uid = fixed.u32();
  person.part.key = fixed.array<32>();
  person.part.signature = fixed.array<kEd25519SignatureSize>();
  person.bound_at = fixed.i64();
  ByteReader moving(head);
  const bool known_head = moving.u8() == kFormat;
  person.roles = moving.u8();
  const std::uint8_t active = moving.u8();
  person.active = active == 1;
  if (!known || !known_head || active > 1 || (person.roles & ~kAllRoles) != 0 || !fixed.done() ||
      !moving.done()) {
    return Error(Errc::ledger_record_invalid, {}, {}, "stored person");
  }
  return person;
}

}  // namespace florin::domain
