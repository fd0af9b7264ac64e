// What happens to the books while the daemon runs: the security module is lost and comes back, a
// custodian locks and unlocks.
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <future>

#include "base/log.h"
#include "daemon/app.h"
#include "daemon/control/audit_note.h"
#include "daemon/hsm_report.h"
#include "daemon/pin_marker.h"

namespace florin {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr milliseconds kWatchEvery{200};
constexpr milliseconds kWaitStep{20};
// Requests in hand wait for their acquirer, whose deadline is at most two minutes.
constexpr int kMostWaitSteps = 6'500;
constexpr milliseconds kHandlerPatience{30'000};
constexpr std::chrono::minutes kOrderLimit{4};
constexpr milliseconds kReopenPause{1'000};
// As sysexits.h has it: a failure that a new process heals.
constexpr int kExitTemporary = 75;

}  // namespace

hsm::Hooks App::hsm_hooks() {
  return {
      .state_changed = {},
      .hopeless =
          [](milliseconds stuck_for) {
            log(LogLevel::error, "daemon.exit",
                {{"message", "a call into the security module is stuck: only a new process helps"},
                 {"stuck_ms", std::int64_t{stuck_for.count()}}});
            // Not exit(): a thread is inside the module, whose exit handlers would run.
            ::_exit(kExitTemporary);
          },
      .metrics = &metrics_};
}

net::Task<http::Response> App::serve_merchant(http::Request request, net::Peer peer) {
  if (closing_books_ || !merchant_api_ || level_ == ServiceLevel::closed) {
    co_return api::MerchantApi::closed(clock_, entropy_);
  }
  ++merchants_in_hand_;
  const std::shared_ptr<void> in_hand(nullptr, [this](void*) { --merchants_in_hand_; });
  const bool full = level_ == ServiceLevel::full && !clock_is_wrong();
  co_return co_await merchant_api_->handle(std::move(request), std::move(peer),
                                           full ? api::Admission::all : api::Admission::reads_only);
}

void App::measure() {
  clock_is_wrong();
  const nanoseconds now(clock_.monotonic_ns());
  const std::shared_ptr<void> held = handlers_.enter();
  std::shared_ptr<Custody> custody;
  bool serving = false;
  {
    const std::lock_guard lock(custody_mutex_);
    custody = custody_;
    serving = state_ == StartState::serving && custody_ && custody_->books_open();
  }
  module_ready_ = custody && custody->hsm().status().state == hsm::State::ready;
  if (!custody || module_ready_) {
    lost_since_.reset();
  } else if (!lost_since_.has_value()) {
    lost_since_ = now;
  }
  if (serving && !closing_books_) {
    const auto note = [&](const ledger::Ledger& books) {
      const ledger::Head head = books.head();
      lag_.note(books.options().origin, head.next_seq, head.signed_size, now);
    };
    note(*custody->appliance().system_ledger());
    for (const auto& ledger : custody->appliance().ledgers()) note(*ledger.books);
  }
  const nanoseconds lag = lag_.longest(now);
  unsigned_gauge_.set(std::chrono::duration_cast<std::chrono::seconds>(lag).count());
  std::optional<nanoseconds> lost_for;
  if (lost_since_.has_value()) lost_for = now - *lost_since_;
  const ServiceLevel level = service_level(
      {.grace = config_.hsm_grace, .max_unsigned = config_.max_unsigned}, lost_for, lag);
  if (level == level_) return;
  constexpr std::string_view kNames[] = {"full", "no-new-work", "closed"};
  log(LogLevel::warning, "daemon.service_level",
      {{"from", kNames[static_cast<std::size_t>(level_)]},
       {"to", kNames[static_cast<std::size_t>(level)]}});
  level_ = level;
}

net::Task<void> App::watch_custody() {
  while (!stopping_) {
    co_await net::sleep_for(kWatchEvery);
    if (stopping_) co_return;
    measure();
    bool serving = false;
    {
      const std::lock_guard lock(custody_mutex_);
      serving = state_ == StartState::serving;
    }
    if (closing_books_ || begins_) continue;
    if (serving && level_ == ServiceLevel::closed) {
      co_await close_books(false);
    } else if (!serving && books_lost_ && module_ready_) {
      Result<void> opened = co_await open_books(nullptr);
      if (!opened.ok()) {
        log_error("daemon.books_not_reopened", opened.error());
        co_await net::sleep_for(kReopenPause);
      }
    }
  }
}

// On the I/O thread. Merchants are refused from its first line on.
net::Task<void> App::close_books(bool with_module) {
  closing_books_ = true;
  closes_ = true;
  co_await close_books_steps(with_module);
  closes_ = false;
}

// When the process is asked to end, it closes what is left itself, and waits for less.
net::Task<void> App::close_books_steps(bool with_module) {
  {
    const std::lock_guard lock(custody_mutex_);
    state_ = StartState::sealed;
  }
  log(LogLevel::warning, "daemon.closing_books", {{"locked", with_module}});
  co_await wait_for_books_in_hand();
  if (stopping_) co_return;
  const auto ended = std::make_shared<bool>(false);
  delivery_->stop([ended] { *ended = true; });
  for (int i = 0; i < kMostWaitSteps && !*ended && !stopping_; ++i) {
    co_await net::sleep_for(kWaitStep);
  }
  if (stopping_) co_return;
  std::function<bool()> give_up = [this] { return stop_backups(); };
  static_cast<void>(co_await runtime_.offload<bool>(std::move(give_up)));
  delivery_.reset();
  std::function<bool()> work = [this, with_module] { return close_books_now(with_module); };
  static_cast<void>(co_await runtime_.offload<bool>(std::move(work)));
  lag_.forget();
  books_lost_ = !with_module;
  closing_books_ = false;
  sd_notify(0, "STATUS=sealed");
  log(LogLevel::warning, "daemon.sealed", {{"locked", with_module}});
}

// Requests in hand use the API and hold books; inquiries hold books, which could not be opened
// again before.
net::Task<void> App::wait_for_books_in_hand() {
  for (int i = 0; i < kMostWaitSteps && merchants_in_hand_ > 0; ++i) {
    if (stopping_) co_return;
    co_await net::sleep_for(kWaitStep);
  }
  merchant_api_.reset();
  notice_api_.reset();
  contexts_.clear();
  resolver_->let_go();
  payment_timer_->let_go();
  const auto books_in_hand = [this] { return resolver_->inquiring() + payment_timer_->in_hand(); };
  for (int i = 0; i < kMostWaitSteps && books_in_hand() > 0; ++i) {
    if (stopping_) co_return;
    co_await net::sleep_for(kWaitStep);
  }
}

// Books that are being opened or closed use, on the pool and here, what is stopped now.
net::Task<void> App::stop_serving() {
  while (closes_ || begins_) co_await net::sleep_for(kWaitStep);
  if (!delivery_) {
    close_operator_sockets(0);
    co_return;
  }
  delivery_->stop([this] { close_operator_sockets(0); });
}

// On the blocking pool.
bool App::close_books_now(bool with_module) {
  std::shared_ptr<Custody> custody;
  {
    const std::lock_guard lock(custody_mutex_);
    custody = custody_;
    if (with_module) custody_.reset();
  }
  // Whoever took custody before is waited for, whoever comes now finds none. An export reads books
  // for as long as they are; to close them under it would leave it reading what is not there.
  handlers_.wait_for_none(kHandlerPatience, [](std::size_t left) {
    log(LogLevel::error, "daemon.handlers_still_run", {{"handlers", std::uint64_t{left}}});
  });
  access_.set_sealed();
  drop_services();
  if (!custody) return true;
  if (!with_module) {
    custody->close_books();
    return true;
  }
  return custody->close();
}

// On the I/O thread. Without a PIN the module is there and only the books are opened.
net::Task<Result<void>> App::open_books(std::shared_ptr<Secret> pin) {
  begins_ = true;
  Result<void> done = co_await open_books_steps(std::move(pin));
  begins_ = false;
  co_return done;
}

net::Task<Result<void>> App::open_books_steps(std::shared_ptr<Secret> pin) {
  // What is open when the process is asked to end, it closes at its end.
  if (stopping_) co_return Error(Errc::shutting_down);
  if (!delivery_) FLORIN_CO_TRY_VOID(open_delivery());
  using Outcome = std::optional<Result<void>>;
  std::function<Outcome()> work = [this, pin]() -> Outcome { return open_books_now(pin); };
  Outcome opened = co_await runtime_.offload<Outcome>(std::move(work));
  if (!opened->ok()) {
    // Whoever was told of a ledger lets go of it, or the next try finds it locked.
    contexts_.clear();
    delivery_.reset();
    co_return std::move(*opened);
  }
  if (stopping_) co_return Error(Errc::shutting_down);
  std::function<Outcome()> prepare = [this]() -> Outcome { return make_services(*custody_now()); };
  Outcome resumed = co_await runtime_.offload<Outcome>(std::move(prepare));
  if (!resumed->ok()) {
    // Closed again, so that another try finds nothing in its way. The module stays, and the watch
    // tries again with it.
    contexts_.clear();
    delivery_.reset();
    books_lost_ = true;
    std::function<bool()> undo = [this] { return close_books_now(false); };
    static_cast<void>(co_await runtime_.offload<bool>(std::move(undo)));
    co_return std::move(*resumed);
  }
  if (stopping_) co_return Error(Errc::shutting_down);
  {
    const std::lock_guard lock(custody_mutex_);
    state_ = StartState::serving;
  }
  books_lost_ = false;
  level_ = ServiceLevel::full;
  lost_since_.reset();
  log(LogLevel::notice, "daemon.books_open");
  co_await begin_serving();
  co_return Result<void>{};
}

// On the blocking pool.
Result<void> App::open_books_now(const std::shared_ptr<Secret>& pin) {
  const auto observer = [this](const ledger::TenantLedger& ledger) { ledger_opened(ledger); };
  if (!pin) {
    const std::shared_ptr<Custody> custody = custody_now();
    if (!custody) return Error(Errc::hsm_unavailable);
    return custody->open_books(config_, clock_, entropy_, observer);
  }
  // The operator's act allows one more login.
  gate_.open_once();
  auto custody =
      Custody::open(config_, gate_, clock_, entropy_, observer, hsm_hooks(), pin->clone());
  if (!custody.ok()) {
    note_refused_pin(custody.error());
    return std::move(custody).error();
  }
  FLORIN_TRY_VOID(unmark_pin_refused(config_.data_directory));
  const std::lock_guard lock(custody_mutex_);
  custody_ = std::move(*custody);
  return {};
}

void App::note_refused_pin(const Error& error) {
  if (error.code() != Errc::hsm_pin_incorrect) return;
  if (auto marked = mark_pin_refused(config_.data_directory); !marked.ok()) {
    log_error("daemon.pin_not_marked", marked.error());
  }
}

Result<void> App::audit(const std::string& note, control::Person person) {
  const std::shared_ptr<void> held = handlers_.enter();
  const std::shared_ptr<Custody> custody = custody_now();
  {
    const std::lock_guard lock(custody_mutex_);
    if (!custody || state_ != StartState::serving) return {};
  }
  return control::append_note(*custody->appliance().system_ledger(), note, person.uid, clock_,
                              entropy_);
}

// From the blocking pool to the I/O thread and back.
Result<void> App::order(std::function<net::Task<Result<void>>()> body) {
  const auto deadline = std::chrono::steady_clock::now() + kOrderLimit;
  const auto promise = std::make_shared<std::promise<std::shared_ptr<Result<void>>>>();
  auto answer = promise->get_future();
  runtime_.spawn("order of a custodian", [body = std::move(body), promise]() {
    return [](auto todo, auto to) -> net::Task<void> {
      Result<void> done = co_await todo();
      to->set_value(std::make_shared<Result<void>>(std::move(done)));
    }(body, promise);
  });
  while (answer.wait_for(kWaitStep) != std::future_status::ready) {
    if (runtime_.ended()) return Error(Errc::shutting_down);
    if (std::chrono::steady_clock::now() > deadline) return Error(Errc::timed_out);
  }
  return std::move(*answer.get());
}

Result<json::object> App::lock_hsm(control::Person person) {
  const std::lock_guard one_order(order_mutex_);
  {
    const std::lock_guard lock(custody_mutex_);
    if (state_ == StartState::setup) return Error(Errc::not_initialised);
    if (state_ == StartState::sealed && !custody_) return hsm_status();
  }
  if (Result<void> noted = audit("hsm locked", person); !noted.ok()) {
    // Locking must not depend on books that may be in trouble themselves.
    log_error("hsm.lock_not_in_audit", noted.error());
  }
  log(LogLevel::warning, "hsm.locked", {{"uid", person.uid}});
  FLORIN_TRY_VOID(order([this]() -> net::Task<Result<void>> { return lock_on_io_thread(); }));
  return hsm_status();
}

net::Task<Result<void>> App::lock_on_io_thread() {
  if (stopping_) co_return Error(Errc::shutting_down);
  if (closing_books_ || begins_) {
    co_return Error(Errc::state_conflict, {}, "The books are being opened or closed; try again.");
  }
  if (delivery_) {
    co_await close_books(true);
    if (stopping_) co_return Error(Errc::shutting_down);
  } else {
    std::function<bool()> work = [this] { return close_books_now(true); };
    static_cast<void>(co_await runtime_.offload<bool>(std::move(work)));
    books_lost_ = false;
  }
  co_return Result<void>{};
}

Result<json::object> App::unlock_hsm(const Secret& pin, control::Person person) {
  const std::lock_guard one_order(order_mutex_);
  const std::shared_ptr<Custody> custody = custody_now();
  {
    const std::lock_guard lock(custody_mutex_);
    if (state_ == StartState::setup) return Error(Errc::not_initialised);
  }
  if (custody) {
    // The module runs and wants another PIN; the watch reopens the books when they were closed.
    if (Result<void> done = custody->hsm().unlock(pin.clone()); !done.ok()) {
      note_refused_pin(done.error());
      return std::move(done).error();
    }
    FLORIN_TRY_VOID(unmark_pin_refused(config_.data_directory));
  } else {
    const auto shared = std::make_shared<Secret>(pin.clone());
    FLORIN_TRY_VOID(order([this, shared] { return open_books(shared); }));
  }
  log(LogLevel::notice, "hsm.unlocked", {{"uid", person.uid}});
  FLORIN_TRY_VOID(audit("hsm unlocked", person));
  return hsm_status();
}

Result<json::object> App::probe_hsm() {
  const std::shared_ptr<Custody> custody = custody_now();
  if (!custody) return Error(Errc::hsm_unavailable);
  FLORIN_TRY(const hsm::Examination found, custody->hsm().examine());
  log(found.fit() ? LogLevel::notice : LogLevel::error, "hsm.probed", {{"fit", found.fit()}});
  return examination_document(found);
}

json::object App::hsm_status() const {
  std::shared_ptr<Custody> custody;
  StartState state{};
  {
    const std::lock_guard lock(custody_mutex_);
    custody = custody_;
    state = state_;
  }
  if (custody) return hsm_document(custody->hsm().status());
  if (state != StartState::sealed) return {{"state", "not initialised"}};
  json::object out{{"state", "sealed"}};
  if (pin_was_refused(config_.data_directory)) out["reason"] = "the token refused the PIN";
  return out;
}

}  // namespace florin
