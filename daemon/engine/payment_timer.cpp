#include "daemon/engine/payment_timer.h"

#include <algorithm>

#include "base/log.h"

namespace florin::engine {
namespace {

// What is read of the index at once: more than can be in hand, so that payments that are left alone
// do not hide others.
constexpr std::size_t kPage = 256;

}  // namespace

void PaymentTimer::begin() {
  if (runs_) return;
  runs_ = true;
  const std::uint64_t opening = ++opening_;
  runtime_.spawn("ends of payments", [this, opening] { return run(opening); });
}

void PaymentTimer::let_go() {
  ++opening_;
  runs_ = false;
  paused_until_.clear();
}

net::Task<void> PaymentTimer::run(std::uint64_t opening) {
  while (opening == opening_) {
    const std::int64_t now_ns = clock_.monotonic_ns();
    std::erase_if(paused_until_, [now_ns](const auto& row) { return row.second <= now_ns; });
    if (!held_()) {
      for (const ContextPtr& context : contexts_.all()) look(*context);
    }
    co_await net::sleep_for(kTick);
  }
}

// Does not wait, so that no task that sleeps holds books.
void PaymentTimer::look(const Context& context) {
  const auto due = ending_payments(context, clock_.now(), kPage);
  if (!due.ok()) {
    log_error("payment.ends_not_read", due.error());
    return;
  }
  if (due->empty() || context.recovering()) return;
  const std::pair ledger(context.tenant(), context.ledger().mode);
  const auto same = [&ledger](const auto& row) { return row.second == ledger; };
  const std::ptrdiff_t busy = std::count_if(in_hand_.begin(), in_hand_.end(), same);
  std::size_t room = kAtOnce - static_cast<std::size_t>(busy);
  for (const PaymentId& payment : *due) {
    if (room == 0) return;
    if (paused_until_.contains(payment) || !in_hand_.emplace(payment, ledger).second) continue;
    --room;
    const Due one{ledger.first, ledger.second, payment};
    runtime_.spawn("end of " + payment.text(), [this, one] { return act(one); });
  }
}

net::Task<void> PaymentTimer::act(Due due) {
  const std::shared_ptr<void> in_hand(nullptr, [this, due](void*) { in_hand_.erase(due.payment); });
  auto context = contexts_.find(due.tenant, due.mode);
  if (!context.ok()) co_return;
  auto done = co_await payments_.end_by_time(std::move(*context), due.payment);
  if (done.ok()) co_return;
  log_error("payment.end_waits", done.error(), {{"payment", due.payment.text()}});
  paused_until_[due.payment] = clock_.monotonic_ns() + std::chrono::nanoseconds(kPause).count();
}

}  // namespace florin::engine
