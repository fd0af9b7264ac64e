#include "daemon/delivery/writer.h"

#include <algorithm>

#include "base/log.h"

namespace florin::delivery {
namespace {

constexpr std::size_t kGroupSteps = 256;

}  // namespace

void Writer::submit(Step step, Done done) {
  std::unique_lock lock(mutex_);
  if (closed_) {
    lock.unlock();
    return done(Error(Errc::shutting_down));
  }
  queue_.push_back({std::move(step), std::move(done)});
  const bool schedule = !std::exchange(scheduled_, true);
  lock.unlock();
  if (schedule) runtime_.run_blocking([self = shared_from_this()] { self->run_group(); });
}

net::Task<Result<void>> Writer::durable(Step step) {
  // Named, because the awaited expression must not own temporaries that a suspended frame destroys.
  using Answer = std::optional<Result<void>>;
  std::function<void(std::function<void(Answer)>)> begin =
      [self = shared_from_this(), step = std::move(step)](std::function<void(Answer)> done) {
        self->submit(step, [done = std::move(done)](Result<void> result) {
          done(Answer(std::move(result)));
        });
      };
  Answer answer = co_await net::await_callback<Answer>(std::move(begin));
  co_return *std::move(answer);
}

void Writer::run_group() {
  std::vector<Queued> group;
  {
    const std::lock_guard lock(mutex_);
    // Closing took the queue along.
    if (closed_) return;
    while (!queue_.empty() && group.size() < kGroupSteps) {
      group.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
    executing_ = true;
  }
  std::vector<Result<void>> results = write(group);
  bool more = false;
  {
    const std::lock_guard lock(mutex_);
    executing_ = false;
    more = !queue_.empty() && !closed_;
    scheduled_ = more;
  }
  idle_.notify_all();
  for (std::size_t i = 0; i < group.size(); ++i) group[i].done(std::move(results[i]));
  if (more) runtime_.run_blocking([self = shared_from_this()] { self->run_group(); });
}

// All in one transaction; when a step fails, each in its own, so that a bad one harms no other.
std::vector<Result<void>> Writer::write(std::vector<Queued>& group) {
  std::vector<Result<void>> results(group.size());
  bool whole = !broken_;
  if (whole) {
    auto transaction = store_->write();
    whole = transaction.ok() && std::all_of(group.begin(), group.end(), [&](const Queued& each) {
              return each.step(*store_, *transaction).ok();
            });
    if (whole) {
      const Result<void> committed = transaction->commit();
      if (committed.ok()) return results;
      broken_ = true;
      log_error("delivery.commit_failed", committed.error());
    }
  }
  for (std::size_t i = 0; i < group.size(); ++i) results[i] = write_alone(group[i].step);
  return results;
}

Result<void> Writer::write_alone(const Step& step) {
  if (broken_) {
    return Error(Errc::unavailable, {}, {}, "the delivery database must be opened again");
  }
  FLORIN_TRY(lmdb::WriteTransaction transaction, store_->write());
  FLORIN_TRY_VOID(step(*store_, transaction));
  Result<void> committed = transaction.commit();
  if (!committed.ok()) {
    broken_ = true;
    log_error("delivery.commit_failed", committed.error());
  }
  return committed;
}

Result<void> Writer::copy_to(const std::filesystem::path& directory) const {
  std::shared_ptr<const Store> store;
  {
    const std::lock_guard lock(reading_);
    store = store_;
  }
  if (store == nullptr) return Error(Errc::shutting_down);
  return store->copy_to(directory);
}

void Writer::close() {
  std::deque<Queued> refused;
  {
    std::unique_lock lock(mutex_);
    closed_ = true;
    idle_.wait(lock, [this] { return !executing_; });
    refused.swap(queue_);
  }
  {
    const std::lock_guard lock(reading_);
    store_.reset();
  }
  for (const Queued& each : refused) each.done(Error(Errc::shutting_down));
}

}  // namespace florin::delivery
