#pragma once
/// The ledger on a segment log with LMDB beside it. Private to the room; made by open.h.
#include <condition_variable>
#include <deque>
#include <future>
#include <map>
#include <mutex>
#include <thread>

#include "ledger/admission.h"
#include "ledger/disk_room.h"
#include "ledger/files.h"
#include "ledger/log_file.h"
#include "ledger/merkle.h"
#include "ledger/segment_writer.h"
#include "ledger/store.h"
#include "ledger/tiles.h"

namespace florin::ledger {

/// What open() found and the writer goes on from.
struct LedgerParts {
  OpenOptions options;
  Descriptor lock;
  std::unique_ptr<SegmentKeyring> keyring;
  std::unique_ptr<Store> store;  // uses the keyring
  std::unique_ptr<SegmentWriter> segments;
  Secret fingerprint_key;
  Tip tip;
  CompactRange tree;         // over all entries
  CompactRange signed_tree;  // over the entries of the last checkpoint
  std::optional<std::string> last_note;
  std::vector<SealedSegment> sealed;  // of earlier runs
  bool after_cut;                     // of the next segment's header
  LogFiles& files;
  TileEdge edge{};  // over all entries
};

class LogLedger final : public Ledger, public LogControl {
 public:
  LogLedger(LedgerParts parts, const Clock& clock, Entropy& entropy);
  ~LogLedger() override;
  LogLedger(const LogLedger&) = delete;
  LogLedger& operator=(const LogLedger&) = delete;

  void submit(Command command, Done done) override;
  void wait_visible(std::uint64_t seq, std::function<void(Result<void>)> done) override;
  [[nodiscard]] Result<std::optional<ObjectRow>> object(ObjectKind kind,
                                                        const Uuid& id) const override {
    return parts_.store->object(kind, id);
  }
  [[nodiscard]] Result<std::vector<ObjectRow>> objects(ObjectKind kind, std::optional<Uuid> after,
                                                       std::size_t limit) const override {
    return parts_.store->objects(kind, after, limit);
  }
  [[nodiscard]] Result<std::optional<UniqueRow>> unique(UniqueTable table,
                                                        const Key16& key) const override {
    return parts_.store->unique(table, key);
  }
  [[nodiscard]] Result<std::optional<IdempotencyRow>> idempotency(const Key16& key) const override {
    return parts_.store->idempotency(key);
  }
  [[nodiscard]] Result<IndexPage> index(IndexNumber number, BytesView prefix,
                                        std::optional<Bytes> cursor, std::size_t limit,
                                        bool descending) const override {
    return parts_.store->index(number, prefix, std::move(cursor), limit, descending);
  }
  [[nodiscard]] Result<std::vector<AccountBalance>> balances() const override {
    return parts_.store->balances();
  }
  [[nodiscard]] Result<std::vector<AccountBalance>> balances_at(std::uint64_t size) const override {
    return parts_.store->balances_at(size);
  }
  [[nodiscard]] Result<std::uint64_t> size_at(UnixNanos time) const override {
    return parts_.store->size_at(time);
  }
  [[nodiscard]] Result<std::optional<AccountBalance>> account(
      const AccountKey& key) const override {
    return parts_.store->account(key);
  }
  [[nodiscard]] Result<StatementPage> statement(const StatementRequest& request) const override {
    return parts_.store->statement(request);
  }
  [[nodiscard]] Result<std::optional<HoldState>> hold(const Uuid& id) const override {
    return parts_.store->hold(id);
  }
  [[nodiscard]] Result<std::vector<DueHold>> due_holds(UnixNanos now,
                                                       std::size_t limit) const override {
    return parts_.store->due_holds(now, limit);
  }
  [[nodiscard]] Result<BooksState> books_state() const override {
    return parts_.store->books_state();
  }
  [[nodiscard]] Result<std::optional<std::uint64_t>> entry_seq(const Uuid& id) const override {
    return parts_.store->entry_seq(id);
  }
  [[nodiscard]] Result<std::vector<EntryView>> entries(std::uint64_t from_seq,
                                                       std::size_t limit) const override {
    return parts_.store->entries(from_seq, limit);
  }
  [[nodiscard]] Result<std::vector<OutboxEvent>> outbox(std::uint64_t after_seq,
                                                        std::uint32_t after_index,
                                                        std::size_t limit) const override {
    return parts_.store->outbox(after_seq, after_index, limit);
  }
  [[nodiscard]] Result<std::vector<std::uint64_t>> entries_about(const Uuid& subject,
                                                                 std::optional<std::uint64_t> after,
                                                                 std::size_t limit) const override {
    return parts_.store->entries_about(subject, after, limit);
  }
  [[nodiscard]] Result<std::vector<Hash32>> inclusion_proof(std::uint64_t seq,
                                                            std::uint64_t size) const override;
  [[nodiscard]] Result<std::vector<Hash32>> consistency_proof(std::uint64_t old_size,
                                                              std::uint64_t size) const override;
  [[nodiscard]] Head head() const override;
  [[nodiscard]] Result<DurableLog> durable_log() const override;
  Result<std::uint64_t> checkpoint(Signer& signer) override;
  [[nodiscard]] Result<std::optional<std::string>> last_checkpoint() const override;
  void on_commit(std::function<void(std::uint64_t)> observer) override;
  void on_visible(std::function<void(std::uint64_t)> observer) override;
  [[nodiscard]] const OpenOptions& options() const noexcept override { return parts_.options; }
  Result<SealedLog> rotate() override;
  void expect_outcomes(std::uint64_t count) override;
  void share_room(std::shared_ptr<DiskRoom> room) override;
  [[nodiscard]] Load load() const override;
  [[nodiscard]] std::map<std::uint32_t, std::uint64_t> key_versions() const override {
    return parts_.keyring->versions();
  }

 private:
  struct Pending {
    Command command;
    Done done;
  };
  using Results = std::vector<Result<Receipt>>;
  // One group while it is being made. A frame is sealed only when its successor is known or the
  // group ends, because the header tells whether it is the last.
  struct OpenGroup {
    SegmentWriter::Position start;
    std::shared_ptr<const SegmentKeys> keys;
    Bytes bytes;
    std::uint64_t frames = 0;
    std::optional<EntryRecord> unsealed;
    std::vector<verify::Leaf> irregular;  ///< told when they are durable
  };

  void run();
  bool take(std::vector<Pending>& batch);
  // True when commands came, or the end, before it was time to commit LMDB.
  bool pause_commit(std::unique_lock<std::mutex>& lock);
  [[nodiscard]] bool reader_waits();
  void process(std::vector<Pending>& batch);
  void answer(std::span<Pending> answered, Results& results);
  void serve_rotations(std::unique_lock<std::mutex>& lock);
  Result<SealedLog> seal_log();
  Result<void> write_group(std::span<Pending> batch, Results& results);
  Result<void> prepare_group(OpenGroup& group);
  // Nothing when commands may be taken, else why they may not; facts are taken all the same.
  std::optional<Error> shortage();
  Result<Receipt> decide(const Command& command, OpenGroup& group, bool& fault);
  Result<void> seal_pending(OpenGroup& group, bool last);
  Result<void> commit();
  // Between two groups: what was put off to keep them short.
  Result<void> commit_and_fill();
  [[nodiscard]] bool commit_is_due() const;
  void stop_with(const Error& error);
  void publish_durable();
  void publish_visible();
  // Of what reads see; grows while it is held.
  [[nodiscard]] std::shared_ptr<const TileEdge> visible_edge() const;
  [[nodiscard]] TileTree tile_tree(const TileEdge& edge) const;
  [[nodiscard]] Result<void> verify_continuation(const CompactRange& target) const;
  Result<CompactRange> proven_tree(const CompactRange& target) const;
  Result<CompactRange> wait_for_visible_tree();

  LedgerParts parts_;
  const Clock& clock_;
  Entropy& entropy_;

  // The writer thread's own.
  std::optional<lmdb::WriteTransaction> transaction_;
  Tip tip_;
  TileEdge edge_;
  CompactRange tree_;
  std::uint64_t uncommitted_entries_ = 0;
  std::int64_t uncommitted_since_ns_ = 0;
  std::optional<std::int64_t> flush_ns_;  // of the last group
  bool short_of_space_ = false;           // as logged last

  mutable std::mutex queue_mutex_;
  std::condition_variable queue_filled_;
  std::deque<Pending> queue_;
  std::vector<std::promise<Result<SealedLog>>> rotations_;
  Admission admission_;
  std::unique_ptr<DiskRoom::Share> room_;
  bool stopping_ = false;

  mutable std::mutex state_mutex_;
  std::optional<Error> stopped_;
  CompactRange durable_tree_;
  DurableLog durable_log_;  // its root is filled in when it is asked for
  CompactRange visible_tree_;
  std::shared_ptr<const TileEdge> visible_edge_;
  std::uint64_t signed_size_ = 0;
  std::multimap<std::uint64_t, std::function<void(Result<void>)>> visibility_waiters_;
  std::vector<std::function<void(std::uint64_t)>> observers_;
  std::vector<std::function<void(std::uint64_t)>> visibility_observers_;

  mutable std::mutex checkpoint_mutex_;  // guards last_note and signed_tree; held while signing

  std::thread writer_;  // last: everything above must live when it starts
};

}  // namespace florin::ledger
