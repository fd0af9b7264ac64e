#pragma once
/// LMDB of one ledger: opening and rebuilding it, and all reads. Private to the room.
#include <filesystem>

#include "ledger/lmdb_state.h"
#include "ledger/projector.h"

namespace florin::ledger {

/// Reads are thread-safe and see the last commit; writing is the writer's alone.
class Store {
 public:
  /// Opens `directory` (created when missing). A database that cannot be opened, or that other
  /// projectors or another format made, is removed and begun anew: the caller replays the log.
  static Result<std::unique_ptr<Store>> open(const std::filesystem::path& directory,
                                             std::uint64_t map_bytes, const SegmentKeyring& keyring,
                                             const ProjectorSet& projectors);

  [[nodiscard]] lmdb::Environment& environment() noexcept { return *environment_; }
  [[nodiscard]] const Tables& tables() const noexcept { return tables_; }
  [[nodiscard]] const SegmentKeyring& keyring() const noexcept { return keyring_; }
  [[nodiscard]] const ProjectorSet& projectors() const noexcept { return projectors_; }
  /// How far the database was when it was opened.
  [[nodiscard]] const Tip& opened_at() const noexcept { return opened_at_; }
  /// Whether commands may be taken when `promised_bytes` have to stay free besides.
  [[nodiscard]] bool has_head_room(std::uint64_t promised_bytes) const;

  [[nodiscard]] Result<std::optional<ObjectRow>> object(ObjectKind kind, const Uuid& id) const;
  [[nodiscard]] Result<std::vector<ObjectRow>> objects(ObjectKind kind, std::optional<Uuid> after,
                                                       std::size_t limit) const;
  [[nodiscard]] Result<std::optional<UniqueRow>> unique(UniqueTable table, const Key16& key) const;
  [[nodiscard]] Result<std::optional<IdempotencyRow>> idempotency(const Key16& key) const;
  [[nodiscard]] Result<IndexPage> index(IndexNumber number, BytesView prefix,
                                        std::optional<Bytes> cursor, std::size_t limit,
                                        bool descending) const;
  [[nodiscard]] Result<std::vector<AccountBalance>> balances() const;
  [[nodiscard]] Result<std::vector<AccountBalance>> balances_at(std::uint64_t size) const;
  [[nodiscard]] Result<std::uint64_t> size_at(UnixNanos time) const;
  [[nodiscard]] Result<std::optional<AccountBalance>> account(const AccountKey& key) const;
  [[nodiscard]] Result<StatementPage> statement(const StatementRequest& request) const;
  [[nodiscard]] Result<std::vector<DueHold>> due_holds(UnixNanos now, std::size_t limit) const;
  [[nodiscard]] Result<BooksState> books_state() const;
  [[nodiscard]] Result<std::optional<std::uint64_t>> entry_seq(const Uuid& id) const;
  [[nodiscard]] Result<std::optional<HoldState>> hold(const Uuid& id) const;
  [[nodiscard]] Result<std::vector<EntryView>> entries(std::uint64_t from_seq,
                                                       std::size_t limit) const;
  [[nodiscard]] Result<std::vector<OutboxEvent>> outbox(std::uint64_t after_seq,
                                                        std::uint32_t after_index,
                                                        std::size_t limit) const;
  [[nodiscard]] Result<std::vector<std::uint64_t>> entries_about(const Uuid& subject,
                                                                 std::optional<std::uint64_t> after,
                                                                 std::size_t limit) const;
  /// Error: `ledger_corrupt` when the last commit has no such tile.
  [[nodiscard]] Result<std::vector<Hash32>> full_tile(std::uint8_t level,
                                                      std::uint64_t index) const;
  /// The stored row of an entry (segment number, frame), as a copy.
  [[nodiscard]] Result<std::optional<Bytes>> stored_frame(std::uint64_t seq) const;

 private:
  Store(std::unique_ptr<lmdb::Environment> environment, Tables tables, Tip opened_at,
        std::uint64_t map_bytes, const SegmentKeyring& keyring, const ProjectorSet& projectors)
      : environment_(std::move(environment)),
        tables_(tables),
        opened_at_(opened_at),
        map_bytes_(map_bytes),
        keyring_(keyring),
        projectors_(projectors) {}
  static Result<std::unique_ptr<Store>> try_open(const std::filesystem::path& directory,
                                                 std::uint64_t map_bytes,
                                                 const SegmentKeyring& keyring,
                                                 const ProjectorSet& projectors);
  [[nodiscard]] LmdbState state(const lmdb::Transaction& transaction) const {
    return {transaction, tables_, keyring_, opened_at_};
  }

  std::unique_ptr<lmdb::Environment> environment_;
  Tables tables_;
  Tip opened_at_;
  std::uint64_t map_bytes_;
  const SegmentKeyring& keyring_;
  const ProjectorSet& projectors_;
};

}  // namespace florin::ledger
