#pragma once
/// Opening restored books again, by two people. Small on purpose: the general way of orders that
/// need two people will take its place.
#include <map>
#include <mutex>
#include <string>

#include "base/json.h"
#include "daemon/control/appliance.h"

namespace florin::control {

/// Thread-safe. What it refers to outlives it. Orders that wait are kept in memory; a restart
/// forgets them, and the first person gives the order again.
class Reopening {
 public:
  Reopening(Appliance& appliance, const Clock& clock, Entropy& entropy)
      : appliance_(appliance), clock_(clock), entropy_(entropy) {}

  struct Outcome {
    bool reopened = false;  ///< false: the order waits for a second person
    json::object document;
  };
  /// The first order of a person is kept for 24 hours and recorded in the system ledger; the same
  /// order of another person in that time opens the books. `ledger` is "system" or "TENANT/MODE".
  /// Errors: `not_found`, `state_conflict` (the books are open), `permission_denied` (the same
  /// person again), `malformed_value` (a reason that is empty, too long, not printable ASCII, or
  /// not that of the order that waits), those of the ledgers.
  Result<Outcome> order(const std::string& ledger, const std::string& reason, Person person);

 private:
  struct Waiting {
    Person person;
    UnixNanos until = 0;
    std::string origin;  ///< names the restore that the order is about
    std::string reason;
    Hash32 request{};
  };
  [[nodiscard]] Result<std::shared_ptr<ledger::Ledger>> find(const std::string& ledger) const;
  Result<Outcome> begin(const std::string& ledger, ledger::Ledger& books, const std::string& reason,
                        Person person);
  Result<Outcome> carry_out(const std::string& ledger, ledger::Ledger& books,
                            const Waiting& waiting, Person person);

  Appliance& appliance_;
  const Clock& clock_;
  Entropy& entropy_;
  std::mutex mutex_;
  std::map<std::string, Waiting> waiting_;  // by ledger
};

}  // namespace florin::control
