#pragma once
/// The ledger on a segment log with LMDB beside it. Private to the room; made by open.h.
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include "ledger/files.h"
#include "ledger/log_file.h"
#include "ledger/merkle.h"
#include "ledger/segment_writer.h"
#include "ledger/store.h"

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
  LogFiles& files;
};

class LogLedger final : public Ledger {
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
  [[nodiscard]] Result<std::optional<HoldState>> hold(const Uuid& id) const override {
    return parts_.store->hold(id);
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
  [[nodiscard]] Head head() const override;
  Result<std::uint64_t> checkpoint(Signer& signer) override;
  [[nodiscard]] Result<std::optional<std::string>> last_checkpoint() const override;
  void on_commit(std::function<void(std::uint64_t)> observer) override;
  [[nodiscard]] const OpenOptions& options() const noexcept override { return parts_.options; }

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
  };

  void run();
  bool take(std::vector<Pending>& batch);
  void process(std::vector<Pending>& batch);
  Result<void> write_group(std::span<Pending> batch, Results& results);
  Result<void> prepare_group(OpenGroup& group);
  // Nothing when commands may be taken, else why they may not; facts are taken all the same.
  std::optional<Error> shortage();
  Result<Receipt> decide(const Command& command, OpenGroup& group, bool& fault);
  Result<void> seal_pending(OpenGroup& group, bool last);
  Result<void> commit();
  [[nodiscard]] bool commit_is_due() const;
  void stop_with(const Error& error);
  void publish_durable();
  void publish_visible();
  Result<CompactRange> proven_tree(const CompactRange& target) const;
  Result<CompactRange> wait_for_visible_tree();

  LedgerParts parts_;
  const Clock& clock_;
  Entropy& entropy_;

  // The writer thread's own.
  std::optional<lmdb::WriteTransaction> transaction_;
  Tip tip_;
  CompactRange tree_;
  std::uint64_t uncommitted_entries_ = 0;
  std::int64_t uncommitted_since_ns_ = 0;
  bool short_of_space_ = false;  // as logged last

  std::mutex queue_mutex_;
  std::condition_variable queue_filled_;
  std::deque<Pending> queue_;
  bool stopping_ = false;

  mutable std::mutex state_mutex_;
  std::optional<Error> stopped_;
  CompactRange durable_tree_;
  CompactRange visible_tree_;
  std::uint64_t signed_size_ = 0;
  std::multimap<std::uint64_t, std::function<void(Result<void>)>> visibility_waiters_;
  std::vector<std::function<void(std::uint64_t)>> observers_;

  mutable std::mutex checkpoint_mutex_;  // guards last_note and signed_tree; held while signing

  std::thread writer_;  // last: everything above must live when it starts
};

}  // namespace florin::ledger
