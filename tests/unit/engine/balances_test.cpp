// What the books tell of a merchant and his branches, over the ledger in memory.
#include "daemon/engine/balances.h"

#include <gtest/gtest.h>

#include "books_fixture.h"
#include "daemon/engine/translate_money.h"

namespace florin::engine::balances_test {
namespace {

using domain::MoneyFact;

class Balances : public BooksFixture {
 protected:
  Balances() {
    ledger::Command command{.entry_id = fresh(), .type = ledger::EntryType::audit};
    add(command, domain::Kind::connector, connector_.value,
        encode(domain::Connector{.id = connector_, .name = "acquirer", .kind = "sandbox"}));
    add(command, domain::Kind::merchant, shop_.value,
        encode(domain::Merchant{.id = shop_, .name = "shop"}));
    for (const auto& [id, name] : {std::pair(north_, "north"), std::pair(south_, "south")}) {
      add(command, domain::Kind::merchant, id.value,
          encode(domain::Merchant{.id = id, .name = name, .parent = shop_}));
    }
    submit(std::move(command));
  }

  // Identifiers are in the order in which they were made as long as time goes on.
  Uuid fresh() {
    clock_.advance(kNanosPerSecond);
    return BooksFixture::fresh();
  }
  // What happened to one payment, entry by entry, as the engine books it.
  void book(std::string_view currency, MerchantId branch,
            const std::vector<std::pair<MoneyFact, std::int64_t>>& facts) {
    domain::Plan plan{
        .life = {.payment = {.id = {fresh()},
                             .terms = {.merchant = shop_,
                                       .branch = branch,
                                       .amount = *Money::make(1, *Currency::parse(currency))}},
                 .attempt = {.connector = connector_},
                 .operation = {.amount = *Money::make(1, *Currency::parse(currency))}}};
    for (const auto& [fact, amount] : facts) {
      plan.movements = {{fact, amount}};
      submit({.entry_id = fresh(),
              .type = entry_type(plan),
              .origin = ledger::Origin::fact,
              .subject = plan.life.payment.id.value,
              .postings = postings(plan),
              .holds = hold_changes(plan)});
    }
  }
  std::vector<MerchantBalance> balances() { return *balances_of(*context_, shop_); }

  MerchantId shop_{fresh()};
  MerchantId north_{fresh()};
  MerchantId south_{fresh()};
  ConnectorId connector_{fresh()};
};

TEST_F(Balances, OfNothingAreNone) {
  EXPECT_TRUE(balances().empty());
  EXPECT_EQ(*branches_of(*context_, shop_), (std::vector<MerchantId>{north_, south_}));
  EXPECT_TRUE(branches_of(*context_, north_)->empty());
}

TEST_F(Balances, AreTheSumOfTheMerchantsOwnAndHisBranches) {
  book("EUR", {}, {{MoneyFact::authorized, 1'000}, {MoneyFact::captured, 1'000}});
  book("EUR", north_,
       {{MoneyFact::authorized, 500}, {MoneyFact::captured, 300}, {MoneyFact::refunded, 100}});
  // A branch that gave back more than it took, and one dispute.
  book("EUR", south_,
       {{MoneyFact::authorized, 40},
        {MoneyFact::captured, 40},
        {MoneyFact::capture_reversed, 70},
        {MoneyFact::dispute_taken, 25}});
  const auto all = balances();
  ASSERT_EQ(all.size(), 1U);
  const MerchantBalance& euro = all.front();
  EXPECT_EQ(euro.currency.code(), "EUR");
  EXPECT_EQ(euro.own.payable, 1'000);
  ASSERT_EQ(euro.branches.size(), 2U);
  EXPECT_EQ(euro.branches[0].name, "north");
  EXPECT_EQ(euro.branches[0].position.payable, 200);
  EXPECT_EQ(euro.branches[0].position.authorized, 200);
  EXPECT_EQ(euro.branches[1].branch, south_);
  EXPECT_EQ(euro.branches[1].position.payable, -30);
  EXPECT_EQ(euro.branches[1].position.disputed, 25);
  EXPECT_EQ(euro.total.payable, 1'170);
  EXPECT_EQ(euro.total.disputed, 25);
  EXPECT_EQ(euro.total.authorized, 200);
}

TEST_F(Balances, OfACurrencyThatOnlyABranchHasAreFound) {
  book("JPY", south_, {{MoneyFact::authorized, 9}});
  book("EUR", {}, {{MoneyFact::authorized, 1}});
  const auto all = balances();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].currency.code(), "EUR");
  EXPECT_EQ(all[1].currency.code(), "JPY");
  EXPECT_EQ(all[1].total.authorized, 9);
  EXPECT_EQ(all[1].own.authorized, 0);
  // Another merchant's are his own.
  EXPECT_TRUE(balances_of(*context_, {fresh()})->empty());
}

TEST_F(Balances, EveryAccountOfABranchRollsUpIntoItsMerchants) {
  book("EUR", north_, {{MoneyFact::authorized, 5}, {MoneyFact::captured, 5}});
  const auto above = books_->account({ledger::AccountCode::merchant_payable, 978, shop_.value});
  const auto below = books_->account({ledger::AccountCode::submerchant_payable, 978, north_.value});
  ASSERT_TRUE(above->has_value());
  ASSERT_TRUE(below->has_value());
  EXPECT_EQ((*below)->account.parent, (*above)->account.number);
  EXPECT_EQ((*above)->credits_posted, 0);
  EXPECT_EQ((*below)->credits_posted, 5);
}

}  // namespace
}  // namespace florin::engine::balances_test
