#include "daemon/domain/posting_rules.h"

#include <algorithm>
#include <array>

namespace florin::domain {
namespace {

using enum AccountRole;

// Sorted by fact. An authorization is off balance: a memo pair on the pending layer, taken back by
// whatever captures or releases it.
constexpr std::array kRules = {
    PostingRule{MoneyFact::authorized, BookLayer::pending, authorization_memo,
                authorization_contra},
    PostingRule{MoneyFact::increased, BookLayer::pending, authorization_memo, authorization_contra},
    PostingRule{MoneyFact::captured, BookLayer::pending, authorization_contra, authorization_memo},
    PostingRule{MoneyFact::captured, BookLayer::posted, psp_receivable, merchant_payable},
    PostingRule{MoneyFact::released, BookLayer::pending, authorization_contra, authorization_memo},
    PostingRule{MoneyFact::refunded, BookLayer::posted, merchant_payable, psp_receivable},
    PostingRule{MoneyFact::capture_reversed, BookLayer::posted, merchant_payable, psp_receivable},
    PostingRule{MoneyFact::refund_returned, BookLayer::posted, psp_receivable, merchant_payable},
    PostingRule{MoneyFact::dispute_taken, BookLayer::posted, dispute_holding, psp_receivable},
    PostingRule{MoneyFact::dispute_returned, BookLayer::posted, psp_receivable, dispute_holding},
    PostingRule{MoneyFact::dispute_lost, BookLayer::posted, merchant_payable, dispute_holding},
    PostingRule{MoneyFact::dispute_lost_reversed, BookLayer::posted, dispute_holding,
                merchant_payable},
    PostingRule{MoneyFact::unexplained_in, BookLayer::posted, psp_receivable, suspense},
    PostingRule{MoneyFact::unexplained_out, BookLayer::posted, suspense, psp_receivable},
};

constexpr bool has_rows(MoneyFact fact) {
  return std::any_of(kRules.begin(), kRules.end(),
                     [fact](const PostingRule& rule) { return rule.fact == fact; });
}
constexpr bool all_have_rows() {
  for (std::uint8_t fact = 0; fact <= static_cast<std::uint8_t>(kLastMoneyFact); ++fact) {
    if (!has_rows(static_cast<MoneyFact>(fact))) return false;
  }
  return true;
}
static_assert(all_have_rows());
static_assert(std::all_of(kRules.begin(), kRules.end(),
                          [](const PostingRule& rule) { return rule.debit != rule.credit; }));

static_assert(std::is_sorted(kRules.begin(), kRules.end(),
                             [](const PostingRule& a, const PostingRule& b) {
                               return a.fact < b.fact;
                             }));

}  // namespace

std::span<const PostingRule> posting_rules(MoneyFact fact) noexcept {
  const auto [first, last] =
      std::equal_range(kRules.begin(), kRules.end(), PostingRule{fact, {}, {}, {}},
                       [](const PostingRule& a, const PostingRule& b) { return a.fact < b.fact; });
  return {first, last};
}

std::string_view money_fact_name(MoneyFact fact) noexcept {
  switch (fact) {
    case MoneyFact::authorized:
      return "authorized";
    case MoneyFact::increased:
      return "increased";
    case MoneyFact::captured:
      return "captured";
    case MoneyFact::released:
      return "released";
    case MoneyFact::refunded:
      return "refunded";
    case MoneyFact::capture_reversed:
      return "capture_reversed";
    case MoneyFact::refund_returned:
      return "refund_returned";
    case MoneyFact::dispute_taken:
      return "dispute_taken";
    case MoneyFact::dispute_returned:
      return "dispute_returned";
    case MoneyFact::dispute_lost:
      return "dispute_lost";
    case MoneyFact::dispute_lost_reversed:
      return "dispute_lost_reversed";
    case MoneyFact::unexplained_in:
      return "unexplained_in";
    case MoneyFact::unexplained_out:
      return "unexplained_out";
  }
  return "";
}

}  // namespace florin::domain
