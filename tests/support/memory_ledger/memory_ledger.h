#pragma once
/// The ledger as plain maps in memory: what every engine must do, in the shortest form that we
/// could think of. Written from ledger/FORMAT.md and the public headers of the room ledger alone,
/// so that a misunderstanding there shows as a difference here. Also serves simulations of rooms
/// above.
///
/// Everything happens on the caller's thread: `submit` answers before it returns, and what is
/// durable is visible. Thread-safe; callbacks run without the lock.
#include <mutex>

#include "support/memory_ledger/judge.h"

namespace florin::ledger::model {

class MemoryLedger final : public Ledger {
 public:
  /// `projectors` and `clock` must outlive the ledger. Of the options tenant, mode, evaluation and
  /// origin count.
  MemoryLedger(OpenOptions options, const ProjectorSet& projectors, const Clock& clock);

  void submit(Command command, Done done) override;
  void wait_visible(std::uint64_t seq, std::function<void(Result<void>)> done) override;
  [[nodiscard]] Result<std::optional<ObjectRow>> object(ObjectKind kind,
                                                        const Uuid& id) const override;
  [[nodiscard]] Result<std::vector<ObjectRow>> objects(ObjectKind kind, std::optional<Uuid> after,
                                                       std::size_t limit) const override;
  [[nodiscard]] Result<std::optional<UniqueRow>> unique(UniqueTable table,
                                                        const Key16& key) const override;
  [[nodiscard]] Result<std::optional<IdempotencyRow>> idempotency(const Key16& key) const override;
  [[nodiscard]] Result<IndexPage> index(IndexNumber number, BytesView prefix,
                                        std::optional<Bytes> cursor, std::size_t limit,
                                        bool descending) const override;
  [[nodiscard]] Result<std::vector<AccountBalance>> balances() const override;
  [[nodiscard]] Result<std::vector<AccountBalance>> balances_at(std::uint64_t size) const override;
  [[nodiscard]] Result<std::uint64_t> size_at(UnixNanos time) const override;
  [[nodiscard]] Result<std::optional<AccountBalance>> account(const AccountKey& key) const override;
  [[nodiscard]] Result<StatementPage> statement(const StatementRequest& request) const override;
  [[nodiscard]] Result<std::vector<DueHold>> due_holds(UnixNanos now,
                                                       std::size_t limit) const override;
  [[nodiscard]] Result<BooksState> books_state() const override;
  [[nodiscard]] Result<std::optional<std::uint64_t>> entry_seq(const Uuid& id) const override;
  [[nodiscard]] Result<std::vector<std::uint64_t>> entries_about(const Uuid& subject,
                                                                 std::optional<std::uint64_t> after,
                                                                 std::size_t limit) const override;
  [[nodiscard]] Result<std::vector<Hash32>> inclusion_proof(std::uint64_t seq,
                                                            std::uint64_t size) const override;
  [[nodiscard]] Result<std::vector<Hash32>> consistency_proof(std::uint64_t old_size,
                                                              std::uint64_t size) const override;
  [[nodiscard]] Result<std::optional<HoldState>> hold(const Uuid& id) const override;
  [[nodiscard]] Result<std::vector<EntryView>> entries(std::uint64_t from_seq,
                                                       std::size_t limit) const override;
  [[nodiscard]] Result<std::vector<OutboxEvent>> outbox(std::uint64_t after_seq,
                                                        std::uint32_t after_index,
                                                        std::size_t limit) const override;
  [[nodiscard]] Head head() const override;
  Result<std::uint64_t> checkpoint(Signer& signer) override;
  [[nodiscard]] Result<std::optional<std::string>> last_checkpoint() const override;
  void on_commit(std::function<void(std::uint64_t)> observer) override;
  [[nodiscard]] const OpenOptions& options() const noexcept override { return options_; }

  /// For comparisons: what the ledger would answer now, without doing it.
  [[nodiscard]] Verdict verdict(const Command& command) const;
  /// The entry as fields; its commitment and chain are the model's own.
  [[nodiscard]] verify::Leaf leaf(std::uint64_t seq) const;
  [[nodiscard]] std::uint64_t size() const;
  /// Of an account that is open.
  [[nodiscard]] AccountKey account_key(std::uint64_t number) const;

 private:
  [[nodiscard]] UnixNanos next_time() const;
  Result<Receipt> take(const Command& command);
  void write(const Command& command, Draft draft);
  void write_accounts(Draft& draft);
  void write_objects(const Command& command, std::uint64_t seq);
  void write_events(const Command& command, const verify::Leaf& leaf);
  void reindex(const ObjectRow& row, bool insert);
  [[nodiscard]] AccountBalance balance_of(const AccountRecord& record, std::uint64_t size) const;

  OpenOptions options_;
  const ProjectorSet& projectors_;
  const Clock& clock_;

  mutable std::mutex mutex_;
  Books books_;
  std::uint64_t signed_size_ = 0;
  std::optional<std::string> note_;
  std::multimap<std::uint64_t, std::function<void(Result<void>)>> waiting_;
  std::vector<std::function<void(std::uint64_t)>> observers_;
};

}  // namespace florin::ledger::model

namespace florin::test {
using ledger::model::MemoryLedger;
}  // namespace florin::test
