// The end of a data subject's key, as two people order it and as a crash leaves it.
#include "daemon/control/subject_records.h"
#include "daemon/domain/codec.h"
#include "daemon/domain/decide.h"
#include "daemon/domain/kinds.h"
#include "key_world.h"

namespace florin::control::subject_test {
namespace {

class SubjectOrders : public KeyWorld {
 protected:
  void SetUp() override {
    KeyWorld::SetUp();
    tenant_ = add_tenant("acme");
    furnish(tenant_);
  }
  [[nodiscard]] ledger::TenantLedger books() const {
    return *appliance_->ledger_of(tenant_.id, ledger::Mode::test);
  }
  template <class T>
  static ledger::ObjectWrite write_of(domain::Kind kind, const Uuid& id, const T& object) {
    domain::Stored stored = domain::encode(object);
    ledger::ObjectWrite write{.kind = static_cast<ledger::ObjectKind>(kind),
                              .id = id,
                              .expected_version = 0,
                              .head = std::move(stored.head)};
    write.immutable = std::move(stored.immutable);
    return write;
  }
  void append(std::vector<ledger::ObjectWrite> writes) {
    ledger::Command command;
    command.entry_id = new_uuid(clock_, entropy_);
    command.type = ledger::EntryType::audit;
    command.origin = ledger::Origin::system;
    command.subject = writes.front().id;
    command.note = "written by a test";
    command.objects = std::move(writes);
    std::vector<ledger::Command> commands;
    commands.push_back(std::move(command));
    const auto receipt = std::move(books().books->append(std::move(commands)).front());
    ASSERT_TRUE(receipt.ok()) << receipt.error().to_log();
    ASSERT_TRUE(books().books->catch_up().ok());
  }
  domain::Subject add_subject() {
    const auto slot = books().subjects->take();
    EXPECT_TRUE(slot.ok()) << slot.error().to_log();
    domain::Subject subject{.id = {new_uuid(clock_, entropy_)},
                            .merchant = {},
                            .slot = *slot,
                            .created_at = clock_.now()};
    append({write_of(domain::Kind::subject, subject.id.value, subject)});
    return *subject_of(*books().books, subject.id);
  }
  [[nodiscard]] json::object order(const domain::Subject& subject) const {
    return {{"tenant", "acme"}, {"mode", "test"}, {"subject", subject.id.text()}};
  }
  [[nodiscard]] SubjectKeyState key_state(const domain::Subject& subject) const {
    return books().subjects->open(subject.slot)->state;
  }
  bool is_noted_by_the_tenant(const std::string& note) {
    const auto entries = books().books->entries(0, 1000);
    return std::any_of(entries->begin(), entries->end(), [&](const ledger::EntryView& entry) {
      return ledger::describe(entry)->note == note;
    });
  }
  domain::Tenant tenant_;
};

TEST_F(SubjectOrders, AMerchantsCreationMakesThePool) {
  EXPECT_EQ(keyring_->verify()->subjects.pools, 1U) << "test has a merchant, live has none";
  EXPECT_EQ(*books().subjects->take(), 0U);
  EXPECT_FALSE(appliance_->ledger_of(tenant_.id, ledger::Mode::live)->subjects->take().ok());
}

TEST_F(SubjectOrders, TheBooksSayItAndTheKeyIsGone) {
  const domain::Subject one = add_subject();
  const domain::Subject other = add_subject();
  const json::object result = done("key.shred-subject", order(one), 9);
  EXPECT_EQ(result.at("subject").as_string(), one.id.text());
  EXPECT_TRUE(std::filesystem::exists(std::string(result.at("new_key_bundle").as_string())));
  EXPECT_TRUE(subject_of(*books().books, one.id)->erased());
  EXPECT_EQ(key_state(one), SubjectKeyState::destroyed);
  EXPECT_EQ(key_state(other), SubjectKeyState::present);
  EXPECT_TRUE(is_noted("key destroyed: " + one.id.text()));
  EXPECT_TRUE(is_noted_by_the_tenant("subject erased: " + one.id.text()));
  // The same request once more, as after a crash; another request has nothing to do.
  const auto again = operation("key.shred-subject").execute(order(one), request(9));
  EXPECT_TRUE(again.ok()) << again.error().to_log();
  const auto refused = operation("key.shred-subject").propose(order(one));
  EXPECT_EQ(refused.error().code(), Errc::state_conflict);
  open();
  ASSERT_TRUE(keys_->resume().ok());
  EXPECT_EQ(key_state(one), SubjectKeyState::destroyed);
  EXPECT_EQ(key_state(other), SubjectKeyState::present);
  EXPECT_EQ(*books().subjects->take(), 2U);
}

TEST_F(SubjectOrders, WhatACrashLeftIsCompletedByTheStart) {
  domain::Subject subject = add_subject();
  // The books say it, and the process ended.
  ledger::ObjectWrite write = write_of(domain::Kind::subject, subject.id.value, subject);
  subject.erased_at = clock_.now();
  write.expected_version = subject.version;
  write.immutable.reset();
  write.head = domain::encode(subject).head;
  append({write});
  EXPECT_EQ(key_state(subject), SubjectKeyState::present);
  open();
  ASSERT_TRUE(keys_->resume().ok());
  EXPECT_EQ(key_state(subject), SubjectKeyState::destroyed);
  const std::uint64_t epoch = keyring_->epoch();
  open();
  ASSERT_TRUE(keys_->resume().ok());
  EXPECT_EQ(keyring_->epoch(), epoch) << "nothing was left to do";
}

TEST_F(SubjectOrders, ARebuiltDatabaseKnowsThemAll) {
  const domain::Subject one = add_subject();
  const domain::Subject other = add_subject();
  done("key.shred-subject", order(one), 9);
  const auto before =
      books().books->object(static_cast<ledger::ObjectKind>(domain::Kind::subject), one.id.value);
  close();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(dir_.path() / "tenants")) {
    if (entry.path().filename() == "data.mdb") std::filesystem::remove(entry.path());
  }
  open();
  const auto after =
      books().books->object(static_cast<ledger::ObjectKind>(domain::Kind::subject), one.id.value);
  ASSERT_TRUE(after.ok() && after->has_value());
  EXPECT_EQ((*after)->head, (*before)->head);
  EXPECT_EQ(*erased_slots(*books().books), std::vector<std::uint64_t>{one.slot});
  EXPECT_EQ(*next_slot(*books().books), other.slot + 1);
  EXPECT_EQ(*books().subjects->take(), other.slot + 1);
}

TEST_F(SubjectOrders, AnOpenOutcomeKeepsTheKey) {
  const domain::Subject subject = add_subject();
  domain::CreateCommand command{.payment = {new_uuid(clock_, entropy_)},
                                .attempt = {new_uuid(clock_, entropy_)},
                                .connector = {new_uuid(clock_, entropy_)},
                                .terms = {.merchant = {new_uuid(clock_, entropy_)},
                                          .amount = *Money::make(1, *Currency::parse("EUR")),
                                          .merchant_reference = "order-1",
                                          .metadata = "{}"},
                                .operation = {.id = {new_uuid(clock_, entropy_)},
                                              .target = new_uuid(clock_, entropy_),
                                              .psp_key = "k"}};
  command.terms.subject = subject.id;
  command.terms.sealed_personal = Bytes(40, 1);
  const domain::Plan plan = domain::create(command, 7);
  append({write_of(domain::Kind::payment, plan.life.payment.id.value, plan.life.payment),
          write_of(domain::Kind::operation, plan.life.operation.id.value, plan.life.operation)});
  const auto refused = operation("key.shred-subject").propose(order(subject));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), Errc::state_conflict);
  EXPECT_NE(refused.error().message().find(plan.life.payment.id.text()), std::string::npos);
  EXPECT_EQ(key_state(subject), SubjectKeyState::present);
}

TEST_F(SubjectOrders, WhatIsAskedForIsChecked) {
  const domain::Subject subject = add_subject();
  const auto refusal = [this](json::object parameters) {
    return operation("key.shred-subject").propose(parameters).error().field();
  };
  json::object wrong = order(subject);
  wrong["tenant"] = "nobody";
  EXPECT_EQ(refusal(wrong), "/parameters/tenant");
  wrong = order(subject);
  wrong["mode"] = "both";
  EXPECT_EQ(refusal(wrong), "/parameters/mode");
  wrong = order(subject);
  wrong["mode"] = "live";
  EXPECT_EQ(refusal(wrong), "/parameters/subject") << "another ledger's";
  wrong["subject"] = "Alice";
  EXPECT_EQ(refusal(wrong), "/parameters/subject");
  const auto proposal = operation("key.shred-subject").propose(order(subject));
  ASSERT_TRUE(proposal.ok());
  EXPECT_EQ(proposal->confirmation, "acme");
  EXPECT_NE(proposal->consequence.find(subject.id.text()), std::string::npos);
  EXPECT_EQ(proposal->parameters.at("tenant").as_string(), tenant_.id.text());
}

TEST_F(SubjectOrders, ARotationTakesThePoolsAlong) {
  const domain::Subject subject = add_subject();
  const Bytes key = to_bytes(books().subjects->open(subject.slot)->key.view());
  done("key.rotate", {{"key", "acme"}}, 3);
  EXPECT_EQ(to_bytes(books().subjects->open(subject.slot)->key.view()), key);
  EXPECT_EQ(keyring_->subject_report(tenant_.id)->versions.count(1), 0U);
}

}  // namespace
}  // namespace florin::control::subject_test
