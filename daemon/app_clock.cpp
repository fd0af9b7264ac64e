// A wall clock that was set: nothing new is dispatched and no timer acts until an operator
// confirms.
#include <fmt/format.h>

#include "base/log.h"
#include "daemon/app.h"
#include "daemon/control/audit_note.h"

namespace florin {

// Asked before every dispatch and by the watch.
bool App::clock_is_wrong() {
  if (clock_guard_.check(clock_.now(), clock_.monotonic_ns())) {
    log(LogLevel::error, "clock.diverged",
        {{"divergence_s", clock_guard_.divergence_ns() / kNanosPerSecond},
         {"message", "florin config confirm-clock when the time is right"}});
  }
  return clock_guard_.diverged();
}

json::object App::clock_status() const {
  if (!clock_guard_.diverged()) return {{"state", "ok"}};
  return {{"state", "diverged"}, {"divergence_s", clock_guard_.divergence_ns() / kNanosPerSecond}};
}

// On the blocking pool. Written down first: what acts afterwards rests on it.
Result<json::object> App::confirm_clock(control::Person person) {
  const std::shared_ptr<Custody> custody = custody_now();
  if (!custody || !custody->books_open()) return not_serving();
  if (!clock_guard_.diverged()) {
    return Error(Errc::state_conflict, {},
                 "the clock has not diverged: there is nothing to confirm");
  }
  const UnixNanos now = clock_.now();
  FLORIN_TRY_VOID(control::append_note(*custody->appliance().system_ledger(),
                                       fmt::format("clock confirmed at {}", to_rfc3339(now)),
                                       person.uid, clock_, entropy_));
  const std::int64_t confirmed = clock_guard_.confirm(clock_.now(), clock_.monotonic_ns());
  log(LogLevel::notice, "clock.confirmed",
      {{"uid", person.uid}, {"divergence_s", confirmed / kNanosPerSecond}});
  return clock_status();
}

}  // namespace florin
