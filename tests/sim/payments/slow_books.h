#pragma once
/// A ledger as the engine meets it: a command is durable a while after it was handed over, reads
/// see it a while after that, and a crash takes what was not flushed, or does not. Behind it are
/// two of the model's ledgers, one that is ahead of the other.
#include <deque>

#include "dice.h"
#include "support/manual_clock.h"
#include "support/memory_ledger/memory_ledger.h"
#include "timeline.h"

namespace florin::sim {

class SlowBooks final : public ledger::Ledger {
 public:
  SlowBooks(ledger::OpenOptions options, const ledger::ProjectorSet& projectors, Timeline& timeline,
            Dice& dice);

  /// The process dies: of what was not flushed the first few commands may have become durable.
  /// Nobody is told; what is durable is visible to the next process.
  void crash();
  /// Writes what is there from the start, at once.
  void establish(const ledger::Command& command);

  void submit(ledger::Command command, Done done) override;
  void wait_visible(std::uint64_t seq, std::function<void(Result<void>)> done) override;
  [[nodiscard]] ledger::Head head() const override;
  void on_commit(std::function<void(std::uint64_t)> observer) override;
  [[nodiscard]] const ledger::OpenOptions& options() const noexcept override {
    return durable_.options();
  }

  // Reads see what is visible.
  [[nodiscard]] Result<std::optional<ledger::ObjectRow>> object(ledger::ObjectKind kind,
                                                                const Uuid& id) const override {
    return visible_.object(kind, id);
  }
  [[nodiscard]] Result<std::vector<ledger::ObjectRow>> objects(ledger::ObjectKind kind,
                                                               std::optional<Uuid> after,
                                                               std::size_t limit) const override {
    return visible_.objects(kind, after, limit);
  }
  [[nodiscard]] Result<std::optional<ledger::UniqueRow>> unique(ledger::UniqueTable table,
                                                                const Key16& key) const override {
    return visible_.unique(table, key);
  }
  [[nodiscard]] Result<std::optional<ledger::IdempotencyRow>> idempotency(
      const Key16& key) const override {
    return visible_.idempotency(key);
  }
  [[nodiscard]] Result<ledger::IndexPage> index(ledger::IndexNumber number, BytesView prefix,
                                                std::optional<Bytes> cursor, std::size_t limit,
                                                bool descending) const override {
    return visible_.index(number, prefix, std::move(cursor), limit, descending);
  }
  [[nodiscard]] Result<std::vector<ledger::AccountBalance>> balances() const override {
    return visible_.balances();
  }
  [[nodiscard]] Result<std::vector<ledger::AccountBalance>> balances_at(
      std::uint64_t size) const override {
    return visible_.balances_at(size);
  }
  [[nodiscard]] Result<std::uint64_t> size_at(UnixNanos time) const override {
    return visible_.size_at(time);
  }
  [[nodiscard]] Result<std::optional<ledger::AccountBalance>> account(
      const ledger::AccountKey& key) const override {
    return visible_.account(key);
  }
  [[nodiscard]] Result<ledger::StatementPage> statement(
      const ledger::StatementRequest& request) const override {
    return visible_.statement(request);
  }
  [[nodiscard]] Result<std::optional<ledger::HoldState>> hold(const Uuid& id) const override {
    return visible_.hold(id);
  }
  [[nodiscard]] Result<std::vector<ledger::DueHold>> due_holds(UnixNanos now,
                                                               std::size_t limit) const override {
    return visible_.due_holds(now, limit);
  }
  [[nodiscard]] Result<ledger::BooksState> books_state() const override {
    return visible_.books_state();
  }
  [[nodiscard]] Result<std::optional<std::uint64_t>> entry_seq(const Uuid& id) const override {
    return visible_.entry_seq(id);
  }
  [[nodiscard]] Result<std::vector<std::uint64_t>> entries_about(const Uuid& subject,
                                                                 std::optional<std::uint64_t> after,
                                                                 std::size_t limit) const override {
    return visible_.entries_about(subject, after, limit);
  }
  [[nodiscard]] Result<std::vector<Hash32>> inclusion_proof(std::uint64_t seq,
                                                            std::uint64_t size) const override {
    return visible_.inclusion_proof(seq, size);
  }
  [[nodiscard]] Result<std::vector<Hash32>> consistency_proof(std::uint64_t old_size,
                                                              std::uint64_t size) const override {
    return visible_.consistency_proof(old_size, size);
  }
  [[nodiscard]] Result<std::vector<ledger::EntryView>> entries(std::uint64_t from_seq,
                                                               std::size_t limit) const override {
    return visible_.entries(from_seq, limit);
  }
  [[nodiscard]] Result<std::vector<ledger::OutboxEvent>> outbox(std::uint64_t after_seq,
                                                                std::uint32_t after_index,
                                                                std::size_t limit) const override {
    return visible_.outbox(after_seq, after_index, limit);
  }
  Result<std::uint64_t> checkpoint(Signer& signer) override { return durable_.checkpoint(signer); }
  [[nodiscard]] Result<std::optional<std::string>> last_checkpoint() const override {
    return durable_.last_checkpoint();
  }

 private:
  struct Queued {
    ledger::Command command;
    Done done;
  };
  void flush();
  void show();
  Result<ledger::Receipt> make_durable(const ledger::Command& command);
  void show_within(std::int64_t delay);

  Timeline& timeline_;
  Dice& dice_;
  test::ManualClock visible_clock_;
  ledger::model::MemoryLedger durable_;
  ledger::model::MemoryLedger visible_;
  std::deque<Queued> queue_;
  std::deque<std::pair<ledger::Command, UnixNanos>> unseen_;  ///< with the time of its booking
  std::multimap<std::uint64_t, std::function<void(Result<void>)>> waiting_;
  std::vector<std::function<void(std::uint64_t)>> observers_;
  bool flushing_ = false;
  std::uint64_t life_ = 0;  ///< of the process; events of an earlier one do nothing
};

}  // namespace florin::sim
