#pragma once
/// Which accounts a fact moves. One table; the ledger only checks that it balances.
#include <cstdint>
#include <span>

namespace florin::domain {

/// Accounts by role; the engine gives them codes and owners.
enum class AccountRole : std::uint8_t {
  psp_receivable,        ///< owner: connector
  merchant_payable,      ///< owner: merchant
  authorization_memo,    ///< owner: merchant
  authorization_contra,  ///< owner: connector
};

enum class BookLayer : std::uint8_t { posted, pending };

/// What can happen to money.
enum class MoneyFact : std::uint8_t { authorized, captured, released, refunded };

struct PostingRule {
  MoneyFact fact;
  BookLayer layer;
  AccountRole debit;
  AccountRole credit;
};

/// The rows of one fact, in the order in which they are booked.
std::span<const PostingRule> posting_rules(MoneyFact fact) noexcept;

}  // namespace florin::domain
