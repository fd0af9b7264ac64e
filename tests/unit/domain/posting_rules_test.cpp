#include "daemon/domain/posting_rules.h"

#include "unit/domain/world.h"

namespace florin::domain::posting_rules_test {
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

std::vector<MoneyFact> all_facts() {
  std::vector<MoneyFact> out;
  for (int fact = 0; fact <= static_cast<int>(kLastMoneyFact); ++fact) {
    out.push_back(static_cast<MoneyFact>(fact));
  }
  return out;
}

TEST(PostingRules, EveryFactBalancesPerLayerAndHasRowsAndAName) {
  std::set<std::string_view> names;
  for (const MoneyFact fact : all_facts()) {
    EXPECT_TRUE(names.insert(money_fact_name(fact)).second);
    EXPECT_FALSE(posting_rules(fact).empty());
    Balances balances;
    book(balances, fact, 7);
    expect_balanced(balances);
    for (const PostingRule& rule : posting_rules(fact)) {
      EXPECT_EQ(rule.fact, fact);
      EXPECT_NE(rule.debit, rule.credit);
    }
  }
  EXPECT_FALSE(names.contains(""));
}

TEST(PostingRules, OnlyAuthorizationAndReleaseMoveNoMoney) {
  for (const MoneyFact fact : all_facts()) {
    bool posted = false;
    for (const PostingRule& rule : posting_rules(fact)) posted |= rule.layer == BookLayer::posted;
    const bool memo = fact == MoneyFact::authorized || fact == MoneyFact::increased ||
                      fact == MoneyFact::released;
    EXPECT_EQ(posted, !memo);
  }
}

// Debit and credit of every posted row, as the table of the design has them.
TEST(PostingRules, RowByRow) {
  using enum AccountRole;
  struct Row {
    MoneyFact fact;
    AccountRole debit, credit;
  };
  const Row rows[] = {
      {MoneyFact::captured, psp_receivable, merchant_payable},
      {MoneyFact::refunded, merchant_payable, psp_receivable},
      {MoneyFact::capture_reversed, merchant_payable, psp_receivable},
      {MoneyFact::refund_returned, psp_receivable, merchant_payable},
      {MoneyFact::dispute_taken, dispute_holding, psp_receivable},
      {MoneyFact::dispute_returned, psp_receivable, dispute_holding},
      {MoneyFact::dispute_lost, merchant_payable, dispute_holding},
      {MoneyFact::dispute_lost_reversed, dispute_holding, merchant_payable},
      {MoneyFact::unexplained_in, psp_receivable, suspense},
      {MoneyFact::unexplained_out, suspense, psp_receivable},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(money_fact_name(row.fact));
    const PostingRule& rule = posting_rules(row.fact).back();
    EXPECT_EQ(rule.layer, BookLayer::posted);
    EXPECT_EQ(rule.debit, row.debit);
    EXPECT_EQ(rule.credit, row.credit);
  }
  // What takes a fact back undoes its postings exactly.
  const std::pair<MoneyFact, MoneyFact> undone[] = {
      {MoneyFact::refunded, MoneyFact::refund_returned},
      {MoneyFact::dispute_taken, MoneyFact::dispute_returned},
      {MoneyFact::dispute_lost, MoneyFact::dispute_lost_reversed},
      {MoneyFact::unexplained_in, MoneyFact::unexplained_out},
      {MoneyFact::authorized, MoneyFact::released},
  };
  for (const auto& [fact, back] : undone) {
    Balances balances;
    book(balances, fact, 9);
    book(balances, back, 9);
    for (const auto& [account, amount] : balances) EXPECT_EQ(amount, 0) << money_fact_name(fact);
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
}  // namespace florin::domain::posting_rules_test
