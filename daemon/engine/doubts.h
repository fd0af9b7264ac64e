#pragma once
/// The ageing report: operations that have not ended, though an answer is not awaited any more: in
/// doubt, pending at the acquirer, or in review. Read from the books.
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
/// Open operations that were made at or before `made_before`, the oldest first.
Result<std::vector<Doubt>> list_doubts(const Context& context, const DoubtNotes& notes,
                                       UnixNanos made_before);
/// Those of one payment.
Result<std::vector<Doubt>> doubts_of(const Context& context, const DoubtNotes& notes,
                                     const PaymentId& payment);

struct DoubtCount {
  std::size_t in_doubt = 0;
  std::size_t in_flight = 0;   ///< sent, and the answer is awaited
  std::size_t pending = 0;     ///< taken by the acquirer, to be ended later
  std::size_t in_review = 0;   ///< the acquirer did something else than was asked for
  UnixNanos oldest_since = 0;  ///< of those in doubt; 0 when there is none

  /// Of several ledgers together.
  DoubtCount& operator+=(const DoubtCount& other) noexcept;
};
Result<DoubtCount> count_doubts(const Context& context);

}  // namespace florin::engine
