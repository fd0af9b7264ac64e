#include "ledger/log_ledger.h"

#include <future>
#include <utility>

#include "base/log.h"

namespace florin::ledger {

std::vector<Result<Receipt>> Ledger::append(std::vector<Command> commands) {
  std::vector<std::future<Result<Receipt>>> answers;
  answers.reserve(commands.size());
  for (Command& command : commands) {
    auto promise = std::make_shared<std::promise<Result<Receipt>>>();
    answers.push_back(promise->get_future());
    submit(std::move(command),
           [promise](Result<Receipt> result) { promise->set_value(std::move(result)); });
  }
  std::vector<Result<Receipt>> results;
  results.reserve(answers.size());
  for (auto& answer : answers) results.push_back(answer.get());
  return results;
}

LogLedger::LogLedger(LedgerParts parts, const Clock& clock, Entropy& entropy)
    : parts_(std::move(parts)),
      clock_(clock),
      entropy_(entropy),
      tip_(parts_.tip),
      edge_(parts_.edge),
      tree_(parts_.tree),
      room_(DiskRoom::share(nullptr, parts_.options.directory)),
      durable_tree_(parts_.tree),
      durable_log_{parts_.segments->last_segment(), parts_.segments->end(), parts_.tree.size(), {}},
      visible_tree_(parts_.tree),
      visible_edge_(std::make_shared<const TileEdge>(parts_.edge)),
      signed_size_(parts_.signed_tree.size()),
      writer_([this] { run(); }) {}

LogLedger::~LogLedger() {
  {
    const std::lock_guard lock(queue_mutex_);
    stopping_ = true;
  }
  queue_filled_.notify_all();
  writer_.join();
}

void LogLedger::submit(Command command, Done done) {
  std::optional<Error> refusal;
  {
    const std::lock_guard lock(state_mutex_);
    refusal = stopped_;
  }
  if (!refusal.has_value()) {
    const std::lock_guard lock(queue_mutex_);
    if (stopping_) {
      refusal = Error(Errc::shutting_down);
    } else if (command.origin == Origin::command && !admission_.takes(command, queue_.size())) {
      refusal = Error(Errc::overloaded);
    } else {
      admission_.joined(command);
      queue_.push_back({std::move(command), std::move(done)});
      queue_filled_.notify_one();
      return;
    }
  }
  done(*std::move(refusal));
}

LogControl* log_control(Ledger& ledger) noexcept {
  return dynamic_cast<LogLedger*>(&ledger);
}

Load LogLedger::load() const {
  const std::lock_guard lock(queue_mutex_);
  return admission_.load(queue_.size());
}

void LogLedger::expect_outcomes(std::uint64_t count) {
  const std::lock_guard lock(queue_mutex_);
  admission_.expect(count);
}

void LogLedger::share_room(std::shared_ptr<DiskRoom> room) {
  auto share = DiskRoom::share(std::move(room), parts_.options.directory);
  const std::lock_guard lock(queue_mutex_);
  room_ = std::move(share);
}

Result<SealedLog> LogLedger::rotate() {
  std::future<Result<SealedLog>> answer;
  {
    const std::lock_guard lock(queue_mutex_);
    if (stopping_) return Error(Errc::shutting_down);
    answer = rotations_.emplace_back().get_future();
  }
  queue_filled_.notify_one();
  return answer.get();
}

void LogLedger::wait_visible(std::uint64_t seq, std::function<void(Result<void>)> done) {
  Result<void> answer;
  {
    const std::lock_guard lock(state_mutex_);
    const bool visible = seq < visible_tree_.size();
    if (!visible && !stopped_.has_value()) {
      visibility_waiters_.emplace(seq, std::exchange(done, {}));
    } else if (!visible) {
      answer = *stopped_;
    }
  }
  if (done) return done(std::move(answer));
  // The writer holds this mutex from its look at the waiters until it sleeps.
  {
    const std::lock_guard lock(queue_mutex_);
  }
  queue_filled_.notify_one();
}

Head LogLedger::head() const {
  CompactRange durable;
  Head head;
  {
    const std::lock_guard lock(state_mutex_);
    durable = durable_tree_;
    head.visible_seq = visible_tree_.size();
    head.signed_size = signed_size_;
  }
  head.next_seq = durable.size();
  head.root = durable.root();
  return head;
}

Result<DurableLog> LogLedger::durable_log() const {
  DurableLog log;
  CompactRange tree;
  {
    const std::lock_guard lock(state_mutex_);
    log = durable_log_;
    tree = durable_tree_;
  }
  log.root = tree.root();
  return log;
}

void LogLedger::on_commit(std::function<void(std::uint64_t)> observer) {
  const std::lock_guard lock(state_mutex_);
  observers_.push_back(std::move(observer));
}

void LogLedger::on_visible(std::function<void(std::uint64_t)> observer) {
  const std::lock_guard lock(state_mutex_);
  visibility_observers_.push_back(std::move(observer));
}

void LogLedger::stop_with(const Error& error) {
  log_error("ledger.stopped", error, {{"directory", parts_.options.directory.string()}});
  transaction_.reset();
  std::multimap<std::uint64_t, std::function<void(Result<void>)>> waiters;
  Error stopped(Errc::ledger_stopped, {}, {}, error.to_log());
  {
    const std::lock_guard lock(state_mutex_);
    stopped_ = stopped;
    waiters.swap(visibility_waiters_);
  }
  for (auto& [seq, done] : waiters) done(stopped);
}

void LogLedger::publish_durable() {
  std::vector<std::function<void(std::uint64_t)>> observers;
  const std::uint64_t size = tree_.size();
  {
    const std::lock_guard lock(state_mutex_);
    durable_tree_ = tree_;
    durable_log_ = {parts_.segments->last_segment(), parts_.segments->end(), size, {}};
    observers = observers_;
  }
  for (const auto& observer : observers) observer(size);
}

void LogLedger::publish_visible() {
  std::vector<std::function<void(Result<void>)>> ready;
  std::vector<std::function<void(std::uint64_t)>> observers;
  auto edge = std::make_shared<const TileEdge>(edge_);
  {
    const std::lock_guard lock(state_mutex_);
    visible_tree_ = tree_;
    visible_edge_.swap(edge);
    const auto end = visibility_waiters_.lower_bound(tree_.size());
    for (auto at = visibility_waiters_.begin(); at != end; ++at) {
      ready.push_back(std::move(at->second));
    }
    visibility_waiters_.erase(visibility_waiters_.begin(), end);
    observers = visibility_observers_;
  }
  for (auto& done : ready) done({});
  for (const auto& observer : observers) observer(tree_.size());
}

}  // namespace florin::ledger
