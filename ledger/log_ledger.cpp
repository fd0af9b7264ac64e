#include "ledger/log_ledger.h"

#include <future>

#include "base/log.h"
#include "ledger/limits.h"

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
      tree_(parts_.tree),
      durable_tree_(parts_.tree),
      visible_tree_(parts_.tree),
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
    } else if (queue_.size() >= kMaxQueuedCommands && command.origin == Origin::command) {
      refusal = Error(Errc::overloaded);
    } else {
      queue_.push_back({std::move(command), std::move(done)});
      queue_filled_.notify_one();
      return;
    }
  }
  done(*std::move(refusal));
}

void LogLedger::wait_visible(std::uint64_t seq, std::function<void(Result<void>)> done) {
  std::optional<Error> refusal;
  {
    const std::lock_guard lock(state_mutex_);
    if (seq >= visible_tree_.size()) {
      if (!stopped_.has_value()) {
        visibility_waiters_.emplace(seq, std::move(done));
        return;
      }
      refusal = stopped_;
    }
  }
  if (refusal.has_value()) {
    done(*std::move(refusal));
  } else {
    done({});
  }
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

void LogLedger::on_commit(std::function<void(std::uint64_t)> observer) {
  const std::lock_guard lock(state_mutex_);
  observers_.push_back(std::move(observer));
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
    observers = observers_;
  }
  for (const auto& observer : observers) observer(size);
}

void LogLedger::publish_visible() {
  std::vector<std::function<void(Result<void>)>> ready;
  {
    const std::lock_guard lock(state_mutex_);
    visible_tree_ = tree_;
    const auto end = visibility_waiters_.lower_bound(tree_.size());
    for (auto at = visibility_waiters_.begin(); at != end; ++at) {
      ready.push_back(std::move(at->second));
    }
    visibility_waiters_.erase(visibility_waiters_.begin(), end);
  }
  for (auto& done : ready) done({});
}

}  // namespace florin::ledger
