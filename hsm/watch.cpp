// What the supervisor does by itself: probes, restarts, the watch over stuck calls.
#include <algorithm>

#include "base/log.h"
#include "hsm/dialect.h"
#include "hsm/login.h"
#include "hsm/self_test.h"
#include "hsm/supervisor.h"

namespace florin::hsm {
namespace {

constexpr std::string_view kOperationNames[] = {"wrap",   "unwrap", "sign",
                                                "random", "probe",  "data"};
static_assert(std::size(kOperationNames) == kOperations);
constexpr std::chrono::milliseconds kLongestTick{500};
constexpr std::chrono::milliseconds kShortestTick{5};

}  // namespace

void Supervisor::make_meters() {
  metrics::Registry* registry = hooks_.metrics;
  if (registry == nullptr) {
    own_metrics_ = std::make_unique<metrics::Registry>();
    registry = own_metrics_.get();
  }
  for (std::size_t i = 0; i < kOperations; ++i) {
    meters_.operations[i] =
        &registry->counter("hsm_operations_total", "Operations asked of the security module.",
                           {{"operation", std::string(kOperationNames[i])}});
  }
  constexpr std::string_view kErrors = "Failed calls into the security module, by class.";
  for (std::size_t i = 0; i < kFailureClasses; ++i) {
    const auto name = std::string(failure_class_name(static_cast<FailureClass>(i)));
    meters_.errors[i] = &registry->counter("hsm_errors_total", kErrors, {{"class", name}});
  }
  meters_.late = &registry->counter("hsm_errors_total", kErrors, {{"class", "deadline"}});
  for (const State state : kStates) {
    meters_.states[static_cast<std::size_t>(state)] =
        &registry->gauge("hsm_state", "1 for the state that the security module is in.",
                         {{"state", std::string(state_name(state))}});
  }
  meters_.restarts = &registry->counter("hsm_reinitialisations_total",
                                        "Times a lost module was ended and started anew.");
  meters_.stuck = &registry->gauge("hsm_lanes_stuck", "Calls past their deadline, not back yet.");
}

void Supervisor::run() {
  const auto shortest = std::min({config_.probe_interval, config_.restart_interval,
                                  config_.trial_interval, config_.stuck_limit}) /
                        4;
  const auto tick_every = std::clamp(shortest, kShortestTick, kLongestTick);
  while (true) {
    {
      std::unique_lock lock(mutex_);
      const auto wanted = [this] { return ending_ || probe_wanted_ || state_ == State::reinit; };
      wake_.wait_for(lock, tick_every, wanted);
      if (ending_) return;
    }
    tick();
  }
}

void Supervisor::tick() {
  check_stuck();
  if (!restart_if_due()) probe_if_due();
}

// True when a start was what the time was for.
bool Supervisor::restart_if_due() {
  const std::lock_guard starting(starting_);
  State state{};
  bool due = false;
  {
    const std::lock_guard lock(mutex_);
    state = state_;
    due = schedule_.due(now());
  }
  if (state == State::reinit && !due) {
    apply(Event::start_failed, {});
    return true;
  }
  if (state == State::down && due && stuck() == 0) {
    apply(Event::token_lost, {});
    state = State::reinit;
  }
  if (state != State::reinit) return false;
  restart();
  return true;
}

void Supervisor::check_stuck() {
  const std::size_t count = stuck();
  meters_.stuck->set(static_cast<std::int64_t>(count));
  const auto longest = std::max(lanes_->stuck_for(), control_->stuck_for());
  if (longest < config_.stuck_limit || hopeless_) return;
  hopeless_ = true;
  log(LogLevel::error, "hsm.hopeless", {{"stuck_ms", std::int64_t{longest.count()}}});
  if (hooks_.hopeless) hooks_.hopeless(longest);
}

void Supervisor::probe_if_due() {
  {
    const std::lock_guard lock(mutex_);
    const bool wanted = std::exchange(probe_wanted_, false);
    const bool due = now() >= next_probe_;
    if (state_ == State::degraded ? !breaker_.trial_due(now())
                                  : state_ != State::ready || !(wanted || due)) {
      return;
    }
    next_probe_ = now() + config_.probe_interval;
  }
  // What a failure means was settled on the way.
  static_cast<void>(probe().ok());
}

Result<void> Supervisor::probe() {
  FLORIN_TRY_VOID(operate<bool>(Operation::probe, [](Call& call) -> Result<bool> {
    FLORIN_TRY_VOID(probe_token(call.session, call.keys, call.entropy));
    return true;
  }));
  last_probe_ = clock_.now();
  return {};
}

// The state is `reinit`, and `starting_` is held.
void Supervisor::restart() {
  if (stuck() > 0 || !lanes_->pause(op_timeout_)) {
    apply(Event::drain_failed, "a call is stuck");
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    schedule_.attempted(now());
    // An operator's unlock or the end may have come between.
    if (state_ != State::reinit) {
      lanes_->resume();
      return;
    }
  }
  meters_.restarts->add();
  apply(Event::start, {});
  static_cast<void>(start_module(nullptr).ok());
  lanes_->resume();
}

Status Supervisor::status() const {
  Status out;
  {
    const std::lock_guard lock(mutex_);
    out.state = state_;
    out.since = since_;
    out.reason = reason_;
  }
  if (const std::shared_ptr<const Generation> now = connection_.generation()) {
    out.token = now->token.info;
    out.dialect = dialect_of(out.token.manufacturer, out.token.model).name;
    out.keys = key_infos(now->keys);
    out.generation = now->number;
  }
  out.restarts = meters_.restarts->value();
  out.lanes = std::max<std::size_t>(config_.lanes, 1);
  out.lanes_stuck = stuck();
  out.stuck_for = std::max(lanes_->stuck_for(), control_->stuck_for());
  for (const metrics::Counter* counter : meters_.operations) out.operations += counter->value();
  out.failures = failures_;
  out.module_calls = connection_.module()->calls();
  out.logins = connection_.logins();
  out.last_probe = last_probe_;
  for (std::size_t i = 1; i < kFailureClasses; ++i) {
    const std::uint64_t count = meters_.errors[i]->value();
    if (count == 0) continue;
    out.errors.emplace_back(failure_class_name(static_cast<FailureClass>(i)), count);
  }
  if (meters_.late->value() > 0) out.errors.emplace_back("deadline", meters_.late->value());
  return out;
}

}  // namespace florin::hsm
