#pragma once
/// The ageing report: operations whose outcome nobody knows yet, read from the books.
#include <optional>
#include <string>
#include <vector>

#include "daemon/engine/doubt_notes.h"
#include "daemon/engine/store.h"

namespace florin::engine {

struct Doubt {
  domain::Operation operation;
  domain::Payment payment;
  std::string connector;  ///< its name
  std::optional<DoubtNote> note;
};
/// Operations that are in doubt and were made at or before `made_before`, the oldest first.
Result<std::vector<Doubt>> list_doubts(const Context& context, const DoubtNotes& notes,
                                       UnixNanos made_before);
/// Those of one payment.
Result<std::vector<Doubt>> doubts_of(const Context& context, const DoubtNotes& notes,
                                     const PaymentId& payment);

struct DoubtCount {
  std::size_t in_doubt = 0;
  std::size_t in_flight = 0;   ///< sent, and the answer is awaited
  UnixNanos oldest_since = 0;  ///< of those in doubt; 0 when there is none

  /// Of several ledgers together.
  DoubtCount& operator+=(const DoubtCount& other) noexcept;
};
Result<DoubtCount> count_doubts(const Context& context);

}  // namespace florin::engine
