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
    PostingRule{MoneyFact::captured, BookLayer::pending, authorization_contra, authorization_memo},
    PostingRule{MoneyFact::captured, BookLayer::posted, psp_receivable, merchant_payable},
    PostingRule{MoneyFact::released, BookLayer::pending, authorization_contra, authorization_memo},
    PostingRule{MoneyFact::refunded, BookLayer::posted, merchant_payable, psp_receivable},
};

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

}  // namespace florin::domain
