#pragma once
/// Which accounts a fact moves. One table; the ledger only checks that it balances.
#include <cstdint>
#include <span>
#include <string_view>

namespace florin::domain {

/// Accounts by role; the engine gives them codes and owners.
enum class AccountRole : std::uint8_t {
  psp_receivable,        ///< owner: connector
  merchant_payable,      ///< owner: merchant, or the branch of a payment that names one
  authorization_memo,    ///< owner: as before
  authorization_contra,  ///< owner: connector
  dispute_holding,       ///< owner: as before
  suspense,              ///< the ledger's own: money whose owner people have yet to find
};

enum class BookLayer : std::uint8_t { posted, pending };

/// What can happen to money.
enum class MoneyFact : std::uint8_t {
  authorized,
  increased,  ///< more is authorized
  captured,
  released,
  refunded,
  capture_reversed,  ///< the acquirer takes back what it had captured
  refund_returned,   ///< the payer's bank sends back what was refunded
  dispute_taken,     ///< the acquirer withholds what is disputed
  dispute_returned,
  dispute_lost,  ///< the merchant bears it
  dispute_lost_reversed,
  unexplained_in,   ///< the acquirer owes us more than any payment says
  unexplained_out,  ///< and less
};
inline constexpr MoneyFact kLastMoneyFact = MoneyFact::unexplained_out;
std::string_view money_fact_name(MoneyFact fact) noexcept;

struct PostingRule {
  MoneyFact fact;
  BookLayer layer;
  AccountRole debit;
  AccountRole credit;
};

/// The rows of one fact, in the order in which they are booked.
std::span<const PostingRule> posting_rules(MoneyFact fact) noexcept;

}  // namespace florin::domain
