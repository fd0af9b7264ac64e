#pragma once
/// What a decision comes to: new object values, movements of money, events. One plan is one ledger
/// entry.
#include <optional>
#include <string>
#include <vector>

#include "daemon/domain/operation.h"
#include "daemon/domain/payment.h"
#include "daemon/domain/posting_rules.h"

namespace florin::domain {

struct Movement {
  MoneyFact fact{};
  std::int64_t amount = 0;  ///< minor units of the payment's currency, more than 0
};

/// The objects of one payment that a decision reads or writes.
struct Life {
  Payment payment;
  Attempt attempt;
  Operation operation;  ///< the one that the decision is about
  std::optional<Capture> capture;
  std::optional<Refund> refund;
};

struct Plan {
  Life life;                        ///< new values; their versions are still those that were read
  std::vector<Movement> movements;  ///< empty for intents, declines and doubts
  std::vector<std::string> events;  ///< types, in order; their data is the payment after this plan
  bool attempt_changed = false;
};

}  // namespace florin::domain
