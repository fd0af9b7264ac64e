// Who is who: binding, roles that do not agree, the last admins, shared accounts.
#include "daemon/control/people.h"

#include "daemon/control/role_operations.h"
#include "unit/control/people_world.h"

namespace florin::control::people_test {
namespace {

using domain::Role;
using domain::roles;

class PeopleTest : public PeopleWorld {
 protected:
  Errc change(const std::string& name, domain::Roles to) {
    const auto person = people_->named(name);
    if (!person.ok()) return Errc::not_found;
    const auto changed = people_->change(
        person->id, to,
        {.id = new_uuid(clock_, entropy_), .people = {people_->all().front().id.value}});
    return changed.ok() ? Errc::internal : changed.error().code();
  }
  static constexpr Errc kDone = Errc::internal;
};

TEST_F(PeopleTest, TheFirstTwoAreAdminsAndSurviveARestart) {
  ASSERT_TRUE(people_->bind_first({part("alice", 1001), part("bob", 1002)}).ok());
  open();
  ASSERT_EQ(people_->all().size(), 2U);
  EXPECT_EQ(people_->named("alice")->roles, roles(Role::admin));
  EXPECT_EQ(people_->roles_of(1002), roles(Role::admin));
  EXPECT_EQ(people_->roles_of(1003), 0);
  EXPECT_FALSE(people_->bind_first({part("carol", 1003), part("dave", 1004)}).ok());
}

TEST_F(PeopleTest, TheFirstTwoAreTwo) {
  const auto check = [&](const domain::PublicPart& one, const domain::PublicPart& other,
                         bool evaluation) {
    return People::check_first({one, other}, evaluation).ok();
  };
  EXPECT_TRUE(check(part("alice", 1), part("bob", 2), false));
  EXPECT_FALSE(check(part("alice", 1), part("alice", 1), false));
  EXPECT_FALSE(check(part("alice", 1), part("alice", 1), true));
  domain::PublicPart again = part("alice", 1);
  again.name = "bob";
  EXPECT_FALSE(check(part("alice", 1), again, true)) << "one key under two names";
  EXPECT_FALSE(check(part("alice", 1), part("bob", 1), false)) << "one account";
  EXPECT_TRUE(check(part("alice", 1), part("bob", 1), true));
  EXPECT_FALSE(check(part("alice", 0), part("bob", 2), false)) << "root";
  EXPECT_TRUE(check(part("alice", 0), part("bob", 0), true));
}

TEST_F(PeopleTest, WhatIsTakenIsRefused) {
  bind_all();
  EXPECT_FALSE(people_->check_new(part("carol", 2001), roles(Role::auditor)).ok()) << "name, key";
  domain::PublicPart other = part("erin", 1003);
  EXPECT_FALSE(people_->check_new(other, roles(Role::auditor)).ok()) << "uid of carol";
  other.uid = 0;
  EXPECT_FALSE(people_->check_new(other, roles(Role::auditor)).ok()) << "root";
  other.uid = 2001;
  EXPECT_TRUE(people_->check_new(other, roles(Role::auditor)).ok());
  EXPECT_FALSE(people_->check_new(other, 0).ok());
  EXPECT_FALSE(people_->check_new(other, roles(Role::auditor, Role::operator_)).ok());
  EXPECT_FALSE(people_->check_new(other, roles(Role::custodian, Role::admin)).ok());
}

TEST_F(PeopleTest, RolesThatDoNotAgreeAreRefused) {
  bind_all();
  EXPECT_EQ(change("carol", roles(Role::operator_, Role::custodian)), Errc::state_conflict);
  EXPECT_EQ(change("carol", roles(Role::operator_, Role::admin)), kDone);
  EXPECT_EQ(people_->named("carol")->roles, roles(Role::operator_, Role::admin));
}

TEST_F(PeopleTest, TheLastTwoAdminsStay) {
  bind_all();
  EXPECT_EQ(change("alice", 0), Errc::state_conflict);
  EXPECT_EQ(change("alice", roles(Role::operator_)), Errc::state_conflict);
  ASSERT_EQ(change("carol", roles(Role::operator_, Role::admin)), kDone);
  EXPECT_EQ(change("alice", 0), kDone);
  EXPECT_EQ(change("bob", 0), Errc::state_conflict);
}

TEST_F(PeopleTest, WhoIsUnboundIsNobodyAndTheKeyIsSpent) {
  bind_all();
  const domain::PublicPart before = people_->named("carol")->part;
  ASSERT_EQ(change("carol", 0), kDone);
  open();
  EXPECT_FALSE(people_->named("carol").ok());
  EXPECT_FALSE(people_->acting({.uid = 1003, .name = {}}).ok());
  EXPECT_EQ(people_->roles_of(1003), 0);
  EXPECT_FALSE(people_->check_new(before, roles(Role::operator_)).ok());
  EXPECT_EQ(people_->all().size(), 4U) << "the record stays";
}

TEST_F(PeopleTest, WhoActs) {
  bind_all();
  EXPECT_EQ(people_->acting({.uid = 1003, .name = {}})->part.name, "carol");
  EXPECT_EQ(people_->acting({.uid = 1003, .name = "carol"})->part.name, "carol");
  EXPECT_FALSE(people_->acting({.uid = 1003, .name = "dave"}).ok());
  EXPECT_FALSE(people_->acting({.uid = 0, .name = "carol"}).ok());
}

TEST_F(PeopleTest, ARequestIsCarriedOutOnce) {
  bind_all();
  const ApprovedRequest request{.id = new_uuid(clock_, entropy_),
                                .people = {people_->named("alice")->id.value}};
  const domain::PublicPart erin = part("erin", 1005);
  ASSERT_TRUE(people_->bind(erin, roles(Role::auditor), request).ok());
  ASSERT_TRUE(people_->bind(erin, roles(Role::auditor), request).ok());
  EXPECT_EQ(people_->all().size(), 5U);
}

TEST_F(PeopleTest, SomebodyIsBoundFromTheExecutionOn) {
  bind_all();
  ApprovedRequest request{.id = new_uuid(clock_, entropy_),
                          .requested_at = clock_.now(),
                          .people = {people_->named("alice")->id.value}};
  clock_.advance(3600 * kNanosPerSecond);
  ASSERT_TRUE(people_->bind(part("erin", 1005), roles(Role::auditor), request).ok());
  EXPECT_EQ(people_->named("erin")->bound_at, clock_.now());
  EXPECT_EQ(people_->all().back().part.name, "erin");
}

TEST(EvaluationPeople, ShareAnAccountAndAreToldApartByName) {
  test::ManualClock clock;
  test::SeededEntropy entropy(1);
  const auto books = std::make_shared<ledger::model::MemoryLedger>(
      ledger::OpenOptions{.directory = {}, .tenant = {}, .evaluation = true, .origin = "e/system"},
      projectors(), clock);
  auto people = People::open(books, true, clock, entropy);
  ASSERT_TRUE(people.ok());
  const auto part = [](const std::string& name) {
    const Secret seed(sha256(view_of(name)));
    domain::PublicPart out{.name = name, .uid = 0, .key = *ed25519_public_key(seed)};
    out.signature = *ed25519_sign(seed, view_of(domain::public_part_claim(name, 0, out.key)));
    return out;
  };
  ASSERT_TRUE((*people)->bind_first({part("alice"), part("bob")}).ok());
  EXPECT_FALSE((*people)->acting({.uid = 0, .name = {}}).ok());
  EXPECT_EQ((*people)->acting({.uid = 0, .name = "bob"})->part.name, "bob");
  EXPECT_FALSE((*people)->acting({.uid = 1, .name = "bob"}).ok());
  EXPECT_EQ((*people)->roles_of(0),
            roles(Role::auditor, Role::operator_, Role::custodian, Role::admin));
}

// What two people agreed to is what somebody is afterwards.
TEST(EvaluationPeople, RolesThatChangedSinceMakeAnotherProposal) {
  test::ManualClock clock;
  test::SeededEntropy entropy(1);
  const auto books = std::make_shared<ledger::model::MemoryLedger>(
      ledger::OpenOptions{.directory = {}, .tenant = {}, .evaluation = true, .origin = "e/system"},
      projectors(), clock);
  const auto people = *People::open(books, true, clock, entropy);
  domain::PublicPart alice{.name = "alice", .uid = 0, .key = {1}};
  domain::PublicPart bob{.name = "bob", .uid = 0, .key = {2}};
  ASSERT_TRUE(people->bind_first({alice, bob}).ok());
  const std::vector<Operation> operations = role_operations(*people);
  const Operation& unbind = operations.at(1);
  ASSERT_EQ(unbind.name, "role.unbind");
  const auto proposal = unbind.propose({{"person", "bob"}, {"roles", "auditor"}});
  ASSERT_TRUE(proposal.ok()) << proposal.error().to_log();
  EXPECT_EQ(json::canonical(unbind.propose(proposal->parameters)->parameters),
            json::canonical(proposal->parameters));
  const auto fewer = roles(Role::auditor, Role::operator_, Role::admin);
  const domain::PersonId id = people->named("bob")->id;
  ASSERT_TRUE(
      people->change(id, fewer, {.id = new_uuid(clock, entropy), .people = {id.value}}).ok());
  EXPECT_NE(json::canonical(unbind.propose(proposal->parameters)->parameters),
            json::canonical(proposal->parameters));
}

}  // namespace
}  // namespace florin::control::people_test
