#pragma once
/// Gives authorizations back before they end, closes those whose time has passed, and ends payments
/// that nobody confirmed.
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "daemon/engine/context_registry.h"
#include "daemon/engine/payment_service.h"
#include "daemon/net/runtime.h"

namespace florin::engine {

/// Looks every second into each ledger's index of what is due. There is no timer to rebuild: after
/// a restart the books say the same. Runs on the I/O thread; what it refers to outlives it.
class PaymentTimer {
 public:
  static constexpr std::chrono::milliseconds kTick{1'000};
  /// Payments of one ledger that are acted on at once.
  static constexpr std::size_t kAtOnce = 16;
  /// How long a payment is left alone after a refused command.
  static constexpr std::chrono::seconds kPause{60};

  PaymentTimer(net::Runtime& runtime, const Clock& clock, const ContextRegistry& contexts,
               PaymentService& payments)
      : runtime_(runtime), clock_(clock), contexts_(contexts), payments_(payments) {}

  /// While this is true nothing is begun; set before `begin`.
  void hold_while(std::function<bool()> condition) { held_ = std::move(condition); }
  /// When the books are open and recovered.
  void begin();
  /// When the books are closed: nothing is begun until `begin`.
  void let_go();
  /// How many payments hold books now.
  [[nodiscard]] std::size_t in_hand() const noexcept { return in_hand_.size(); }

 private:
  /// Names a payment without holding its books.
  struct Due {
    TenantId tenant;
    ledger::Mode mode;
    PaymentId payment;
  };
  net::Task<void> run(std::uint64_t opening);
  void look(const Context& context);
  net::Task<void> act(Due due);

  net::Runtime& runtime_;
  const Clock& clock_;
  const ContextRegistry& contexts_;
  PaymentService& payments_;
  std::function<bool()> held_ = [] { return false; };
  std::uint64_t opening_ = 0;
  bool runs_ = false;
  std::map<PaymentId, std::pair<TenantId, ledger::Mode>> in_hand_;
  std::map<PaymentId, std::int64_t> paused_until_;  ///< monotonic
};

}  // namespace florin::engine
