#pragma once
/// Brings unknown outcomes to an end by evidence: inquiry on a schedule, for ever until it is
/// known.
#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "daemon/engine/context_registry.h"
#include "daemon/engine/doubt_notes.h"
#include "daemon/engine/payment_service.h"
#include "daemon/net/runtime.h"

namespace florin::engine {

/// Runs on the I/O thread. What it refers to outlives it.
class Resolver {
 public:
  Resolver(net::Runtime& runtime, const Clock& clock, const ContextRegistry& contexts,
           PaymentService& payments, Acquirer& acquirer);

  /// At start: every operation that was dispatched and has no outcome becomes unknown (its
  /// merchant's request is then answered as in doubt), and every unknown one is inquired at once.
  net::Task<Result<void>> recover(ContextPtr context);
  /// Starts the schedule of an operation that has just become unknown.
  void watch(const ContextPtr& context, const domain::Operation& operation,
             const std::string& evidence);
  /// Asks now, besides the schedule: somebody said that there is something to find.
  void inquire_now(const ContextPtr& context, OperationId operation);
  /// While this is true nothing is asked on the schedule; set before the start.
  void hold_while(std::function<bool()> condition) { held_ = std::move(condition); }
  /// When the books are closed: nobody is watched any more, until recover() takes them up anew.
  void let_go();
  /// How many inquiries hold books now.
  [[nodiscard]] std::size_t inquiring() const noexcept { return inquiring_; }
  [[nodiscard]] std::size_t watched() const noexcept { return watched_.size(); }
  /// What was tried so far. Thread-safe.
  [[nodiscard]] const DoubtNotes& notes() const noexcept { return notes_; }

 private:
  /// Names an operation without holding its books: a task that sleeps must not keep a ledger open.
  struct Doubt {
    TenantId tenant;
    ledger::Mode mode;
    OperationId operation;
    UnixNanos since = 0;
    std::uint64_t opening = 0;  ///< of the books
  };
  struct Cancellation {
    TenantId tenant;
    ledger::Mode mode;
    PaymentId payment;
    std::uint64_t opening = 0;
  };
  void start_cancel(const Context& context, PaymentId payment);
  net::Task<void> cancel(Cancellation due);
  net::Task<bool> try_cancel(Cancellation due);
  net::Task<void> follow(Doubt doubt, bool at_once);
  net::Task<std::size_t> wait_and_alert(Doubt doubt, std::chrono::nanoseconds delay,
                                        std::size_t alerts);
  net::Task<bool> try_once(Doubt doubt);
  net::Task<void> ask_once(Doubt doubt);
  net::Task<bool> try_in(ContextPtr context, OperationId operation);
  void start(const Context& context, OperationId operation, UnixNanos since, bool at_once);

  net::Runtime& runtime_;
  const Clock& clock_;
  const ContextRegistry& contexts_;
  PaymentService& payments_;
  Acquirer& acquirer_;
  std::set<OperationId> watched_;
  std::uint64_t opening_ = 0;
  std::size_t inquiring_ = 0;
  std::function<bool()> held_ = [] { return false; };
  DoubtNotes notes_;
};

}  // namespace florin::engine
