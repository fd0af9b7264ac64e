#include "hsm/supervisor.h"

#include "base/log.h"
#include "hsm/login.h"
#include "hsm/self_test.h"

namespace florin::hsm {
namespace {

constexpr unsigned kMostFailedTrials = 2;
// A module without a free session gets this long to have one again.
constexpr int kOpenTries = 10;
constexpr std::chrono::milliseconds kOpenPause{10};

bool is_lost(FailureClass failure) {
  return failure == FailureClass::token_lost || failure == FailureClass::auth_fatal;
}

}  // namespace

Supervisor::Supervisor(const Config& config, TokenUri uri, std::shared_ptr<Module> module,
                       LoginGate& gate, Entropy& entropy, const Clock& clock, Hooks hooks)
    : config_(config),
      op_timeout_(config.op_timeout),
      entropy_(entropy),
      clock_(clock),
      hooks_(std::move(hooks)),
      connection_(std::move(uri), std::move(module), gate, entropy),
      control_(std::make_unique<Lanes>(LanesOptions{})),
      breaker_(config.trial_interval),
      schedule_(config.restart_interval) {
  make_meters();
  LanesOptions options;
  options.lanes = std::max<std::size_t>(config.lanes, 1);
  options.queue_limit = config.queue_limit;
  options.make = [] { return std::make_unique<Slot>(); };
  // The module is not ended before every lane has: its session can still be closed.
  options.end = [](LaneState& lane) {
    auto& slot = static_cast<Slot&>(lane);
    if (slot.session.has_value()) static_cast<void>(slot.session->close().ok());
    slot.session.reset();
  };
  lanes_ = std::make_unique<Lanes>(std::move(options));
}

Supervisor::~Supervisor() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Result<void> Supervisor::start(Secret pin) {
  apply(Event::start, {});
  if (Result<void> done = start_module(std::make_shared<Secret>(std::move(pin))); !done.ok()) {
    // Only the first error tells the operator something.
    static_cast<void>(stop().ok());
    return done;
  }
  {
    const std::lock_guard lock(mutex_);
    next_probe_ = now() + config_.probe_interval;
  }
  thread_ = std::thread([this] { run(); });
  return {};
}

// The state is `initialising`; it is another one afterwards.
Result<void> Supervisor::start_module(const std::shared_ptr<Secret>& pin) {
  auto done = on_connection<bool>(
      [self = shared_from_this(), pin](Connection& connection) -> Result<bool> {
        FLORIN_TRY_VOID(
            connection.start(pin.get(), [&self] { self->apply(Event::logged_in, {}); }));
        return true;
      },
      start_timeout());
  if (done.ok()) {
    last_probe_ = clock_.now();
    {
      const std::lock_guard lock(mutex_);
      breaker_.reset();
    }
    apply(Event::checks_passed, {});
    return {};
  }
  const bool refused = done.error().code() == Errc::hsm_pin_incorrect;
  log_error("hsm.start_failed", done.error());
  apply(refused ? Event::login_refused : Event::start_failed, errc_name(done.error().code()));
  return std::move(done).error();
}

Result<void> Supervisor::unlock(Secret pin) {
  // A restart that has just been refused still holds the lanes.
  const std::lock_guard starting(starting_);
  apply(Event::new_pin, {});
  {
    const std::lock_guard lock(mutex_);
    if (state_ != State::reinit) return Error(Errc::state_conflict);
  }
  if (stuck() > 0 || !lanes_->pause(op_timeout_)) {
    apply(Event::drain_failed, "a call is stuck");
    return stuck_error();
  }
  // The operator's act allows one more login, whatever came before.
  connection_.allow_one_login();
  apply(Event::start, {});
  Result<void> done = start_module(std::make_shared<Secret>(std::move(pin)));
  lanes_->resume();
  return done;
}

Result<void> Supervisor::stop() {
  {
    const std::lock_guard lock(mutex_);
    if (ended_) return {};
    ending_ = true;
  }
  apply(Event::stop, {});
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  FLORIN_TRY_VOID(lanes_->stop(op_timeout_));
  // A device that hangs now holds up its lane and nobody else.
  auto ended = on_connection<bool>(
      [](Connection& connection) -> Result<bool> {
        FLORIN_TRY_VOID(connection.stop());
        return true;
      },
      start_timeout());
  const bool no_turn = !ended.ok() && (ended.error().code() == Errc::timed_out ||
                                       ended.error().code() == Errc::overloaded);
  if (no_turn || control_->stuck() > 0) return stuck_error();
  FLORIN_TRY_VOID(control_->stop(op_timeout_));
  const std::lock_guard lock(mutex_);
  ended_ = true;
  if (ended.ok()) return {};
  return std::move(ended).error();
}

Error Supervisor::stuck_error() {
  return Error(Errc::hsm_unavailable, {}, "A call into the security module is stuck.");
}

Result<void> Supervisor::counted(Result<void> allowed) {
  if (!allowed.ok()) ++failures_;
  return allowed;
}

Result<void> Supervisor::admit(Operation operation) {
  const std::lock_guard lock(mutex_);
  if (state_ == State::ready) return {};
  // A device that answers badly is tried by probes alone.
  if (state_ == State::degraded && operation == Operation::probe && breaker_.trial_due(now())) {
    return {};
  }
  return Error(Errc::hsm_unavailable, {}, {}, std::string(state_name(state_)));
}

Result<void> Supervisor::open_slot(Slot& slot, const Generation& now, FailureClass& failure) {
  if (slot.session.has_value() && slot.module_start != now.module_start) {
    // It died with C_Finalize, and its number may be another session's by now.
    slot.session.reset();
  }
  if (slot.session.has_value() && slot.session->generation() == now.number) {
    slot.session->forget_failure();
    return {};
  }
  close_slot(slot);
  Session session(connection_.module(), now.token.slot, now.number);
  Result<void> opened = session.open();
  for (int i = 1; i < kOpenTries && !opened.ok() && session.last_failure() == FailureClass::busy;
       ++i) {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, kOpenPause, [this] { return ending_; });
    lock.unlock();
    opened = session.open();
  }
  failure = session.last_failure();
  if (!opened.ok()) return opened;
  session.forget_failure();
  slot.session = std::move(session);
  slot.module_start = now.module_start;
  return {};
}

void Supervisor::close_slot(Slot& slot) {
  if (slot.session.has_value()) static_cast<void>(slot.session->close().ok());
  slot.session.reset();
}

// True when the operation is worth one more attempt.
bool Supervisor::settle(Operation operation, FailureClass failure, std::uint64_t generation,
                        bool first) {
  // Without a failed call of the module it was one of our own checks.
  if (failure != FailureClass::none) meters_.errors[static_cast<std::size_t>(failure)]->add();
  if (failure == FailureClass::corrupt) log(LogLevel::warning, "hsm.corrupt_data");
  if (failure == FailureClass::session_lost && first) return recover(generation);
  if (failure == FailureClass::session_lost || is_lost(failure)) {
    lose(failure_class_name(failure));
  } else if (failure == FailureClass::device) {
    device_failed();
  } else if (operation == Operation::probe && failure != FailureClass::busy) {
    lose("the probe failed");
  } else if (failure == FailureClass::ambiguous) {
    const std::lock_guard lock(mutex_);
    probe_wanted_ = true;
    wake_.notify_all();
  }
  return false;
}

bool Supervisor::recover(std::uint64_t generation) {
  auto done = on_connection<bool>(
      [generation](Connection& connection) -> Result<bool> {
        FLORIN_TRY_VOID(connection.recover(generation));
        return true;
      },
      start_timeout());
  if (done.ok()) {
    log(LogLevel::notice, "hsm.session_replaced",
        {{"generation", connection_.generation()->number}});
    return true;
  }
  log_error("hsm.session_not_replaced", done.error());
  if (done.error().code() == Errc::hsm_pin_incorrect) {
    apply(Event::login_refused, "the token refused the PIN that it had taken before");
  } else {
    // A key that is not found is a token that is gone, as likely as not.
    lose(errc_name(done.error().code()));
  }
  return false;
}

void Supervisor::lane_failed(const Error& error) {
  ++failures_;
  if (error.code() != Errc::timed_out) return;
  meters_.late->add();
  log(LogLevel::warning, "hsm.call_stuck", {{"stuck", std::uint64_t{stuck()}}});
  device_failed();
}

void Supervisor::device_failed() {
  std::uint8_t random = 0;
  entropy_.fill({&random, 1});
  // Up to a fifth more, so that several appliances do not come at once.
  const Nanos jitter = Nanos(config_.trial_interval) * random / (5 * 256);
  bool opened = false;
  bool give_up = false;
  const bool any_stuck = stuck() > 0;
  {
    const std::lock_guard lock(mutex_);
    opened = breaker_.failed(now(), jitter);
    // While a call is stuck the module cannot be ended, and trials tell when it answers again.
    give_up = breaker_.failed_trials() >= kMostFailedTrials && !any_stuck;
  }
  if (opened) apply(Event::breaker_opened, "the device fails or answers late");
  if (give_up) lose("the device keeps failing");
}

void Supervisor::succeeded() {
  bool closed = false;
  {
    const std::lock_guard lock(mutex_);
    closed = breaker_.succeeded();
  }
  if (closed) apply(Event::breaker_closed, {});
}

void Supervisor::lose(std::string_view reason) {
  apply(Event::token_lost, reason);
  wake_.notify_all();
}

void Supervisor::apply(Event event, std::string_view reason) {
  State from{};
  State to{};
  {
    const std::lock_guard lock(mutex_);
    const std::optional<State> next = next_state(state_, event);
    if (!next.has_value()) return;
    from = state_;
    state_ = to = *next;
    since_ = clock_.now();
    if (!reason.empty()) reason_ = reason;
    if (to == State::ready) reason_.clear();
  }
  meters_.states[static_cast<std::size_t>(from)]->set(0);
  meters_.states[static_cast<std::size_t>(to)]->set(1);
  const bool well = to == State::ready || to == State::stopped || to == State::initialising ||
                    to == State::checking;
  log(well ? LogLevel::notice : LogLevel::warning, "hsm.state",
      {{"from", state_name(from)}, {"to", state_name(to)}, {"reason", reason}});
  if (hooks_.state_changed) hooks_.state_changed(to);
}

Result<void> Supervisor::enter_ceremony() {
  if (ceremony_.exchange(true)) {
    return Error(Errc::state_conflict, {}, "Another ceremony is running.");
  }
  Result<void> allowed = admit(Operation::data);
  if (allowed.ok() && (stuck() > 0 || !lanes_->pause(op_timeout_))) {
    allowed = Error(Errc::state_conflict, {}, "A call into the security module is still running.");
  }
  if (!allowed.ok()) ceremony_ = false;
  return allowed;
}

void Supervisor::leave_ceremony() {
  lanes_->resume();
  ceremony_ = false;
  // Finds out at once when the ceremony left the module in a bad state.
  const std::lock_guard lock(mutex_);
  probe_wanted_ = true;
  wake_.notify_all();
}

}  // namespace florin::hsm
