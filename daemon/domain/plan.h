#pragma once
/// What a decision comes to: new object values, movements of money, events. One plan is one ledger
/// entry.
#include <optional>
#include <string>
#include <vector>

#include "daemon/domain/fact.h"
#include "daemon/domain/operation.h"
#include "daemon/domain/payment.h"
#include "daemon/domain/posting_rules.h"

namespace florin::domain {

struct Movement {
  MoneyFact fact{};
  std::int64_t amount = 0;                ///< minor units, more than 0
  std::optional<Currency> currency = {};  ///< only where it is not the payment's
};

/// The objects of one payment that a decision reads or writes.
struct Life {
  Payment payment;
  Attempt attempt;
  Operation operation;  ///< the one that the decision is about
  std::optional<Capture> capture;
  std::optional<Refund> refund;
  std::optional<Dispute> dispute;
  std::optional<Fact> fact;  ///< new; what came after the end of something
};

struct Plan {
  Life life;                        ///< new values; their versions are still those that were read
  std::vector<Movement> movements;  ///< empty for intents, declines and doubts
  std::vector<std::string> events;  ///< types, in order; their data is the payment after this plan
  bool attempt_changed = false;
  bool operation_changed = true;
  bool by_time = false;  ///< the movement is the end of the whole hold, by the ledger's own clock
};

}  // namespace florin::domain
