#include <gtest/gtest.h>

#include "daemon/connectors/notice_secrets.h"
#include "daemon/engine/inbound_store.h"

namespace florin::engine::inbound_test {
namespace {

using domain::InboundState;
using domain::OperationKind;
using domain::OperationState;
using domain::OutcomeClass;

Money euros(std::int64_t minor) {
  return Money::make(minor, *Currency::parse("EUR")).value();
}

domain::Operation operation(OperationKind kind, OperationState state) {
  domain::Operation out{.id = {},
                        .version = 2,
                        .payment = {},
                        .attempt = {},
                        .connector = {},
                        .kind = kind,
                        .amount = euros(1250),
                        .target = {},
                        .psp_key = {}};
  out.state = state;
  return out;
}

domain::InboundFact fact(std::optional<OperationKind> kind, OutcomeClass outcome) {
  domain::InboundFact out;
  out.key = "evt_1";
  out.reference = "op_1";
  out.kind = kind;
  out.outcome.outcome = outcome;
  out.outcome.reference = "op_1";
  out.outcome.amount = euros(1250);
  return out;
}

TEST(InboundFact, ProvesOnlyWhatItIsAbout) {
  const auto sale = operation(OperationKind::sale, OperationState::unknown);
  const auto told = [&](std::optional<OperationKind> kind, OutcomeClass outcome) {
    return proven_by(fact(kind, outcome), sale).outcome;
  };
  EXPECT_EQ(told(OperationKind::sale, OutcomeClass::succeeded), OutcomeClass::succeeded);
  EXPECT_EQ(told(std::nullopt, OutcomeClass::succeeded), OutcomeClass::succeeded);
  // An authorization that was not captured is not the sale that was asked for.
  EXPECT_EQ(told(OperationKind::authorize, OutcomeClass::succeeded), OutcomeClass::unknown);
  EXPECT_EQ(told(OperationKind::authorize, OutcomeClass::declined), OutcomeClass::declined);
  // Nobody else can know what left this machine.
  EXPECT_EQ(told(OperationKind::sale, OutcomeClass::unsent), OutcomeClass::unknown);
}

TEST(InboundFact, FoundByTheirNameHasOurReference) {
  const auto capture = operation(OperationKind::capture, OperationState::unknown);
  domain::InboundFact by_name = fact(OperationKind::capture, OutcomeClass::succeeded);
  by_name.reference.clear();
  by_name.outcome.reference.clear();
  EXPECT_EQ(proven_by(by_name, capture).reference, capture.id.text());
  // A reference that is repeated is compared.
  EXPECT_EQ(proven_by(fact(OperationKind::capture, OutcomeClass::succeeded), capture).reference,
            "op_1");
}

TEST(InboundFact, BesideTheBooks) {
  const auto beside = [](OutcomeClass outcome, OperationState state, std::int64_t minor = 1250) {
    domain::Outcome told;
    told.outcome = outcome;
    told.amount = euros(minor);
    return state_beside(told, operation(OperationKind::sale, state));
  };
  EXPECT_EQ(beside(OutcomeClass::succeeded, OperationState::succeeded), InboundState::known);
  EXPECT_EQ(beside(OutcomeClass::declined, OperationState::declined), InboundState::known);
  EXPECT_EQ(beside(OutcomeClass::succeeded, OperationState::succeeded, 1), InboundState::differs);
  EXPECT_EQ(beside(OutcomeClass::declined, OperationState::succeeded), InboundState::differs);
  EXPECT_EQ(beside(OutcomeClass::succeeded, OperationState::not_executed), InboundState::differs);
  EXPECT_EQ(beside(OutcomeClass::unknown, OperationState::succeeded), InboundState::hint);
  EXPECT_EQ(beside(OutcomeClass::pending, OperationState::pending), InboundState::hint);
  EXPECT_EQ(beside(OutcomeClass::succeeded, OperationState::review), InboundState::differs);
}

TEST(NoticeSecrets, AreTwoOfWhichTheFirstIsInForce) {
  const Bytes first(128, 1);
  const Bytes second(24, 2);
  const auto both =
      connectors::split_notice_secrets(connectors::join_notice_secrets(first, second));
  ASSERT_TRUE(both.ok());
  ASSERT_EQ(both->size(), 2U);
  EXPECT_TRUE((*both)[0].equals(first));
  EXPECT_TRUE((*both)[1].equals(second));
  const auto one = connectors::split_notice_secrets(connectors::join_notice_secrets(second, {}));
  ASSERT_TRUE(one.ok());
  EXPECT_EQ(one->size(), 1U);
  for (const Bytes& wrong : {Bytes{}, Bytes{0, 1}, Bytes{5, 1, 2}, Bytes{200, 1}}) {
    EXPECT_FALSE(connectors::split_notice_secrets(Secret(BytesView(wrong))).ok());
  }
}

}  // namespace
}  // namespace florin::engine::inbound_test
