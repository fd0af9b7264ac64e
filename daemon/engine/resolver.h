#pragma once
/// Brings unknown outcomes to an end by evidence: inquiry on a schedule, for ever until it is
/// known.
#include <memory>
#include <set>

#include "daemon/engine/context_registry.h"
#include "daemon/engine/payment_service.h"
#include "daemon/net/runtime.h"

namespace florin::engine {

/// Runs on the I/O thread. What it refers to outlives it.
class Resolver {
 public:
  Resolver(net::Runtime& runtime, const ContextRegistry& contexts, PaymentService& payments,
           Acquirer& acquirer);

  /// At start: every operation that was dispatched and has no outcome becomes unknown (its
  /// merchant's request is then answered as in doubt), and every unknown one is inquired at once.
  net::Task<Result<void>> recover(ContextPtr context);
  /// Starts the schedule of an operation that has just become unknown.
  void watch(const ContextPtr& context, OperationId operation);
  [[nodiscard]] std::size_t watched() const noexcept { return watched_.size(); }

 private:
  /// Names an operation without holding its books: a task that sleeps must not keep a ledger open.
  struct Doubt {
    TenantId tenant;
    ledger::Mode mode;
    OperationId operation;
  };
  net::Task<void> follow(Doubt doubt, bool at_once);
  net::Task<bool> try_once(Doubt doubt);
  net::Task<bool> try_in(ContextPtr context, OperationId operation);
  void start(const Context& context, OperationId operation, bool at_once);

  net::Runtime& runtime_;
  const ContextRegistry& contexts_;
  PaymentService& payments_;
  Acquirer& acquirer_;
  std::set<OperationId> watched_;
};

/// How long to wait before the n-th inquiry, n from 0: 2 s, 10 s, 30 s, 2 min, 10 min, 1 h, 6 h,
/// then daily.
std::chrono::milliseconds inquiry_delay(std::size_t n) noexcept;

}  // namespace florin::engine
