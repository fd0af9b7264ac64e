#pragma once
/// The one writer of the delivery database: groups what is queued into one transaction, so that a
/// flush is shared and the I/O thread never waits for one.
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "daemon/delivery/store.h"
#include "daemon/net/runtime.h"

namespace florin::delivery {

/// Must be held by a shared_ptr: the jobs on the runtime's pool keep it alive. Thread-safe.
class Writer : public std::enable_shared_from_this<Writer> {
 public:
  /// One step inside a transaction. Runs on the pool; may run a second time, alone, when a step
  /// that shared its transaction failed.
  using Step = std::function<Result<void>(Store&, lmdb::WriteTransaction&)>;
  using Done = std::function<void(Result<void>)>;

  Writer(net::Runtime& runtime, std::unique_ptr<Store> store)
      : runtime_(runtime), store_(std::move(store)) {}

  /// `done` is called once, from another thread or (when closed) at once. Error: `shutting_down`;
  /// `unavailable` for good after a failed commit, because the state of the file is then unknown.
  void submit(Step step, Done done);

  /// Runs a step that yields a value; resumes on the I/O thread once it is durable.
  template <class T>
  net::Task<Result<T>> commit(std::function<Result<T>(Store&, lmdb::WriteTransaction&)> step) {
    const auto value = std::make_shared<std::optional<T>>();
    Step wrapped = [step = std::move(step), value](
                       Store& store, lmdb::WriteTransaction& transaction) -> Result<void> {
      FLORIN_TRY(T made, step(store, transaction));
      *value = std::move(made);
      return {};
    };
    const Result<void> written = co_await durable(std::move(wrapped));
    if (!written.ok()) co_return written.error();
    co_return *std::move(*value);
  }
  /// Runs a step; resumes on the I/O thread once it is durable.
  net::Task<Result<void>> durable(Step step);

  /// Reads the last commit. Error: `shutting_down`.
  template <class T>
  Result<T> read(
      const std::function<Result<T>(const Store&, const lmdb::Transaction&)>& look) const {
    const std::lock_guard lock(reading_);
    if (store_ == nullptr) return Error(Errc::shutting_down);
    FLORIN_TRY(const lmdb::ReadTransaction transaction, store_->read());
    return look(*store_, transaction);
  }

  /// A snapshot of the last commit, for backups. Keeps neither readers nor the writer waiting; the
  /// database stays open until it has ended. Errors: `shutting_down`, `io_failure`.
  Result<void> copy_to(const std::filesystem::path& directory) const;

  /// Waits for the transaction in hand, refuses what is queued, closes the database.
  void close();

 private:
  struct Queued {
    Step step;
    Done done;
  };
  void run_group();
  std::vector<Result<void>> write(std::vector<Queued>& group);
  Result<void> write_alone(const Step& step);

  net::Runtime& runtime_;
  std::shared_ptr<Store> store_;  ///< shared with copies that run
  mutable std::mutex reading_;
  std::mutex mutex_;
  std::condition_variable idle_;
  std::deque<Queued> queue_;
  bool scheduled_ = false;  ///< a job is on the pool
  bool executing_ = false;  ///< and inside a transaction
  bool closed_ = false;
  bool broken_ = false;  ///< only touched by the job
};

}  // namespace florin::delivery
