#include "daemon/engine/resolver.h"

#include <algorithm>
#include <array>

#include "base/log.h"
#include "daemon/engine/append.h"

namespace florin::engine {
namespace {

using std::chrono::milliseconds;

constexpr std::array kDelays_s = {2, 10, 30, 120, 600, 3'600, 21'600, 86'400};

}  // namespace

milliseconds inquiry_delay(std::size_t n) noexcept {
  return std::chrono::seconds(kDelays_s[std::min(n, kDelays_s.size() - 1)]);
}

Resolver::Resolver(net::Runtime& runtime, const ContextRegistry& contexts, PaymentService& payments,
                   Acquirer& acquirer)
    : runtime_(runtime), contexts_(contexts), payments_(payments), acquirer_(acquirer) {
  payments_.on_unknown(
      [this](const ContextPtr& context, OperationId operation) { watch(context, operation); });
}

net::Task<Result<void>> Resolver::recover(ContextPtr context) {
  FLORIN_CO_TRY(std::vector<OperationId> open, unresolved_operations(*context));
  for (const OperationId& id : open) {
    FLORIN_CO_TRY(domain::Life life, load_life(*context, id));
    if (life.operation.state == domain::OperationState::dispatched) {
      log(LogLevel::warning, "operation.in_doubt_after_restart", {{"operation", id.text()}});
      domain::Outcome lost;
      lost.evidence = "no outcome was recorded before the restart";
      FLORIN_CO_TRY(PaymentView view,
                    co_await payments_.book_outcome(context, std::move(life), std::move(lost), {}));
    }
    start(*context, id, true);
  }
  co_return Result<void>{};
}

void Resolver::watch(const ContextPtr& context, OperationId operation) {
  start(*context, operation, false);
}

void Resolver::start(const Context& context, OperationId operation, bool at_once) {
  if (!watched_.insert(operation).second) return;
  const Doubt doubt{context.tenant(), context.ledger().mode, operation};
  runtime_.spawn("resolve " + operation.text(),
                 [this, doubt, at_once] { return follow(doubt, at_once); });
}

net::Task<void> Resolver::follow(Doubt doubt, bool at_once) {
  bool ended = at_once && co_await try_once(doubt);
  for (std::size_t n = 0; !ended; ++n) {
    co_await net::sleep_for(inquiry_delay(n));
    ended = co_await try_once(doubt);
  }
  watched_.erase(doubt.operation);
}

net::Task<bool> Resolver::try_once(Doubt doubt) {
  auto context = contexts_.find(doubt.tenant, doubt.mode);
  // No context: the process is stopping. The next start takes the operation up again.
  if (!context.ok()) co_return false;
  co_return co_await try_in(std::move(*context), doubt.operation);
}

// True when there is nothing left to find out. An error of ours is logged and tried again later: an
// unknown is never dropped.
net::Task<bool> Resolver::try_in(ContextPtr context, OperationId operation) {
  auto visible = co_await wait_visible(context);
  auto life = visible.ok() ? load_life(*context, operation)
                           : Result<domain::Life>(std::move(visible).error());
  if (!life.ok()) {
    log_error("operation.not_resolved", life.error(), {{"operation", operation.text()}});
    co_return false;
  }
  if (domain::has_ended(life->operation.state)) co_return true;
  domain::Outcome outcome = co_await acquirer_.inquire(context, *life);
  if (outcome.outcome == domain::OutcomeClass::unknown) {
    log(LogLevel::warning, "operation.still_in_doubt",
        {{"operation", operation.text()}, {"evidence", outcome.evidence}});
    co_return false;
  }
  auto view = co_await payments_.book_outcome(context, std::move(*life), std::move(outcome), {});
  if (!view.ok()) {
    log_error("operation.not_resolved", view.error(), {{"operation", operation.text()}});
    co_return false;
  }
  // An answer about something else than what was asked for proves nothing: the doubt stays.
  visible = co_await wait_visible(context);
  life = visible.ok() ? load_life(*context, operation)
                      : Result<domain::Life>(std::move(visible).error());
  if (!life.ok() || !domain::has_ended(life->operation.state)) co_return false;
  log(LogLevel::notice, "operation.resolved", {{"operation", operation.text()}});
  co_return true;
}

}  // namespace florin::engine
