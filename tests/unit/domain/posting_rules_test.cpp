#include "daemon/domain/posting_rules.h"

#include "unit/domain/world.h"

namespace florin::domain {
namespace {

using Balances = std::map<std::pair<AccountRole, BookLayer>, std::int64_t>;

// Debits count up, credits down.
void book(Balances& balances, MoneyFact fact, std::int64_t amount) {
  for (const PostingRule& rule : posting_rules(fact)) {
    balances[{rule.debit, rule.layer}] += amount;
    balances[{rule.credit, rule.layer}] -= amount;
  }
}

void expect_balanced(const Balances& balances) {
  for (const BookLayer layer : {BookLayer::posted, BookLayer::pending}) {
    std::int64_t sum = 0;
    for (const auto& [account, amount] : balances)
      if (account.second == layer) sum += amount;
    EXPECT_EQ(sum, 0);
  }
}

constexpr MoneyFact kFacts[] = {MoneyFact::authorized, MoneyFact::captured, MoneyFact::released,
                                MoneyFact::refunded};

TEST(PostingRules, EveryFactBalancesPerLayerAndHasRows) {
  for (const MoneyFact fact : kFacts) {
    EXPECT_FALSE(posting_rules(fact).empty());
    Balances balances;
    book(balances, fact, 7);
    expect_balanced(balances);
    for (const PostingRule& rule : posting_rules(fact)) {
      EXPECT_EQ(rule.fact, fact);
      EXPECT_NE(rule.debit, rule.credit);
    }
  }
}

TEST(PostingRules, MoneyOnlyMovesOnCaptureAndRefund) {
  for (const MoneyFact fact : kFacts) {
    bool posted = false;
    for (const PostingRule& rule : posting_rules(fact)) posted |= rule.layer == BookLayer::posted;
    EXPECT_EQ(posted, fact == MoneyFact::captured || fact == MoneyFact::refunded);
  }
}

TEST(PostingRules, CaptureOwesTheMerchantAndRefundTakesItBack) {
  Balances balances;
  book(balances, MoneyFact::captured, 100);
  EXPECT_EQ((balances[{AccountRole::psp_receivable, BookLayer::posted}]), 100);
  EXPECT_EQ((balances[{AccountRole::merchant_payable, BookLayer::posted}]), -100);
  book(balances, MoneyFact::refunded, 100);
  EXPECT_EQ((balances[{AccountRole::psp_receivable, BookLayer::posted}]), 0);
  EXPECT_EQ((balances[{AccountRole::merchant_payable, BookLayer::posted}]), 0);
}

TEST(PostingRules, WhatIsCapturedAndReleasedLeavesTheMemoAtZero) {
  for (std::int64_t captured = 0; captured <= 10; ++captured) {
    Balances balances;
    book(balances, MoneyFact::authorized, 10);
    EXPECT_EQ((balances[{AccountRole::authorization_memo, BookLayer::pending}]), 10);
    if (captured > 0) book(balances, MoneyFact::captured, captured);
    if (captured < 10) book(balances, MoneyFact::released, 10 - captured);
    EXPECT_EQ((balances[{AccountRole::authorization_memo, BookLayer::pending}]), 0);
    EXPECT_EQ((balances[{AccountRole::authorization_contra, BookLayer::pending}]), 0);
    EXPECT_EQ((balances[{AccountRole::merchant_payable, BookLayer::posted}]), -captured);
    expect_balanced(balances);
  }
}

TEST(PostingRules, AWholeLifeLeavesNothingPending) {
  World world(10'000);
  world.succeed();
  ASSERT_TRUE(world.capture(eur(2'500)).ok());
  world.succeed();
  ASSERT_TRUE(world.capture(eur(1'500), true).ok());
  world.succeed();
  const auto refund = world.refund(eur(4'000));
  ASSERT_TRUE(refund.ok());
  world.settle(*refund, OutcomeClass::succeeded);
  Balances balances;
  for (const Movement& movement : world.movements()) book(balances, movement.fact, movement.amount);
  for (const auto& [account, amount] : balances) EXPECT_EQ(amount, 0);
}

}  // namespace
}  // namespace florin::domain
