#pragma once
/// The state as it stands in one LMDB transaction: of the last commit in a read transaction, with
/// everything applied since in the writer's. Private to the room.
#include "ledger/apply.h"
#include "ledger/rows.h"
#include "ledger/tables.h"

namespace florin::ledger {

/// Must not outlive the transaction. `newest` is the last entry while its frame is not stored yet.
class LmdbState final : public StateView {
 public:
  LmdbState(const lmdb::Transaction& transaction, const Tables& tables,
            const SegmentKeyring& keyring, const Tip& tip, const EntryRecord* newest = nullptr)
      : transaction_(transaction), tables_(tables), keyring_(keyring), tip_(tip), newest_(newest) {}

  [[nodiscard]] const Tip& tip() const override { return tip_; }
  [[nodiscard]] Result<std::optional<EntryIdRow>> entry_id(const Uuid& id) const override;
  [[nodiscard]] Result<std::optional<AccountBalance>> account(const AccountKey& key) const override;
  [[nodiscard]] Result<std::optional<HoldState>> hold(const Uuid& id) const override;
  [[nodiscard]] Result<std::optional<std::uint64_t>> object_version(ObjectKind kind,
                                                                    const Uuid& id) const override;
  [[nodiscard]] Result<bool> unique_exists(UniqueTable table, const Key16& key) const override;
  [[nodiscard]] Result<std::optional<IdempotencyRow>> idempotency_row(
      const Key16& key) const override;
  [[nodiscard]] Result<std::uint64_t> merchant_seq(const Uuid& merchant) const override;

  [[nodiscard]] Result<std::optional<AccountBalance>> balance(
      std::uint64_t account_number) const override;
  [[nodiscard]] Result<std::optional<verify::Leaf>> leaf(std::uint64_t seq) const override;
  [[nodiscard]] Result<bool> is_reversed(std::uint64_t seq) const override;

  [[nodiscard]] Result<std::optional<BalanceRow>> balance_row(std::uint64_t account_number) const;
  [[nodiscard]] Result<std::optional<ObjectRow>> object(ObjectKind kind, const Uuid& id) const;
  [[nodiscard]] Result<std::optional<UniqueRow>> unique(UniqueTable table, const Key16& key) const;
  /// The copy of an entry in LMDB, opened and checked.
  [[nodiscard]] Result<std::optional<EntryRecord>> entry(std::uint64_t seq) const;
  /// The sealed row as it is, and opened.
  [[nodiscard]] Result<std::optional<Bytes>> row(const lmdb::Table& table, TableNumber number,
                                                 BytesView key) const;

 private:
  const lmdb::Transaction& transaction_;
  const Tables& tables_;
  const SegmentKeyring& keyring_;
  const Tip& tip_;
  const EntryRecord* newest_;
};

}  // namespace florin::ledger
