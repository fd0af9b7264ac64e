// People: the part that they hand over, and which roles agree.
#include "daemon/domain/person.h"

#include "unit/domain/world.h"

namespace florin::domain::person_test {
namespace {

Secret seed_of(std::uint8_t byte) {
  return Secret(Bytes(kEd25519SeedSize, byte));
}

PublicPart part_of(const std::string& name, std::uint32_t uid, const Secret& seed) {
  PublicPart part{.name = name, .uid = uid, .key = *ed25519_public_key(seed)};
  part.signature = *ed25519_sign(seed, view_of(public_part_claim(name, uid, part.key)));
  return part;
}

TEST(PublicPart, Golden) {
  const std::string text = format_public_part(part_of("alice", 1001, seed_of(1)));
  EXPECT_EQ(text.substr(0, text.find("signature ")),
            "florin-person/1\nname alice\nuid 1001\n"
            "key iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=\n");
  const auto again = parse_public_part(text);
  ASSERT_TRUE(again.ok()) << again.error().to_log();
  EXPECT_EQ(again->name, "alice");
  EXPECT_EQ(again->uid, 1001U);
  EXPECT_EQ(format_public_part(*again), text);
}

TEST(PublicPart, EveryOtherTextIsRefused) {
  const std::string text = format_public_part(part_of("alice", 1001, seed_of(1)));
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string bad = text;
    bad[i] = bad[i] == '1' ? '2' : '1';
    EXPECT_FALSE(parse_public_part(bad).ok()) << bad;
    EXPECT_FALSE(parse_public_part(text.substr(0, i)).ok()) << i;
  }
  EXPECT_FALSE(parse_public_part(text + "\n").ok());
  EXPECT_FALSE(parse_public_part("").ok());
  // A key of another person under one's own name.
  PublicPart stolen = part_of("alice", 1001, seed_of(1));
  stolen.name = "mallory";
  const auto refused = parse_public_part(format_public_part(stolen));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), Errc::signature_invalid);
}

TEST(Roles, OnlyAdminAndOperatorAgree) {
  for (const Role one : kRoles) {
    for (const Role other : kRoles) {
      const bool same = one == other;
      const bool both = (one == Role::admin && other == Role::operator_) ||
                        (one == Role::operator_ && other == Role::admin);
      EXPECT_EQ(roles_agree(one, other), same || both) << role_name(one) << role_name(other);
      EXPECT_EQ(check_roles(roles(one, other)).ok(), same || both);
    }
  }
}

TEST(Roles, Texts) {
  EXPECT_EQ(roles_text(0), "");
  EXPECT_EQ(roles_text(roles(Role::admin, Role::operator_)), "operator,admin");
  EXPECT_EQ(*parse_roles("admin,operator"), roles(Role::admin, Role::operator_));
  for (const char* wrong : {"", "root", "admin,", "admin,admin", "admin operator"}) {
    EXPECT_FALSE(parse_roles(wrong).ok()) << wrong;
  }
}

TEST(PersonCodec, ThereAndBack) {
  const Person person{.id = {test_uuid(1)},
                      .version = 2,
                      .part = part_of("alice", 1001, seed_of(1)),
                      .bound_at = 7,
                      .roles = roles(Role::admin),
                      .active = false};
  const Stored stored = encode(person);
  const auto again = decode_person(person.id.value, 2, stored.immutable, stored.head);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(format_public_part(again->part), format_public_part(person.part));
  EXPECT_EQ(again->bound_at, 7);
  EXPECT_EQ(again->roles, roles(Role::admin));
  EXPECT_FALSE(again->active);
  for (std::size_t size = 0; size < stored.immutable.size(); ++size) {
    EXPECT_FALSE(decode_person({}, 1, BytesView(stored.immutable).first(size), stored.head).ok());
  }
}

}  // namespace
}  // namespace florin::domain::person_test
