#include "ledger/projection.h"

#include <algorithm>
#include <map>

#include "ledger/holds.h"
#include "ledger/limits.h"
#include "ledger/lmdb_state.h"
#include "ledger/rules.h"

namespace florin::ledger {
namespace {

Error inconsistent(const EntryRecord& record, const char* what) {
  return Error(Errc::ledger_corrupt, {}, {},
               "entry " + std::to_string(record.leaf.seq) + " does not fit the state: " + what);
}

// A question about an earlier time walks back over at most so many entries.
constexpr std::uint32_t kEntriesPerMark = 256;

using IndexKeys = std::vector<Bytes>;

Result<IndexKeys> index_keys(const ProjectorSet& projectors, const ObjectRow& object) {
  IndexKeys keys;
  for (const Projector projector : projectors.projectors) {
    for (const IndexEntry& entry :
         projector(object.kind, object.id, object.immutable, object.head)) {
      if (entry.key.empty() || entry.key.size() > kMaxIndexKeyBytes) {
        return Error(Errc::internal, {}, {}, "a projector made a key of a forbidden size");
      }
      keys.push_back(index_key(entry.index, entry.key));
    }
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

class Projection {
 public:
  Projection(lmdb::WriteTransaction& transaction, const Tables& tables,
             const SegmentKeyring& keyring, const ProjectorSet& projectors,
             const EntryRecord& record, const Tip& tip, TileEdge& edge, RowSealer sealer)
      : transaction_(transaction),
        tables_(tables),
        projectors_(projectors),
        record_(record),
        state_(transaction, tables, keyring, tip),
        edge_(edge),
        sealer_(std::move(sealer)),
        rows_sum_(tip.rows_sum) {}

  /// Of the whole database, when the entry is carried out.
  [[nodiscard]] std::uint64_t rows_sum() const noexcept { return rows_sum_; }

  Result<void> run() {
    const verify::Leaf& leaf = record_.leaf;
    FLORIN_TRY_VOID(insert(tables_.entry_ids, TableNumber::entry_ids, leaf.entry_id.view(),
                           encode(EntryIdRow{leaf.seq, leaf.booked_at, leaf.fingerprint})));
    FLORIN_TRY_VOID(open_accounts());
    FLORIN_TRY_VOID(post());
    FLORIN_TRY_VOID(set_flags());
    FLORIN_TRY_VOID(change_holds());
    if (leaf.reverses.has_value()) {
      FLORIN_TRY_VOID(insert(tables_.reversals, TableNumber::reversals, seq_key(leaf.reverses->seq),
                             encode_number(leaf.seq)));
    }
    for (const BodyObject& object : record_.body.objects) FLORIN_TRY_VOID(write_object(object));
    for (const UniqueWrite& unique : record_.body.uniques) {
      FLORIN_TRY_VOID(insert(tables_.uniques, TableNumber::uniques,
                             unique_key(unique.table, unique.key),
                             encode(UniqueRow{leaf.seq, unique.value})));
    }
    FLORIN_TRY_VOID(write_idempotency());
    FLORIN_TRY_VOID(write_events());
    FLORIN_TRY_VOID(write_subject());
    return write_tiles();
  }

 private:
  Result<void> put(const lmdb::StateDbi& table, TableNumber number, BytesView key,
                   const Bytes& plain) {
    const Bytes sealed = sealer_.seal(number, key, plain);
    FLORIN_TRY_VOID(leave_out(table, key));
    rows_sum_ += row_sum(key, sealed);
    return table.put(transaction_, key, sealed);
  }
  Result<void> insert(const lmdb::AppendDbi& table, TableNumber number, BytesView key,
                      const Bytes& plain) {
    const Bytes sealed = sealer_.seal(number, key, plain);
    rows_sum_ += row_sum(key, sealed);
    return table.insert(transaction_, key, sealed);
  }
  Result<void> append(const lmdb::AppendDbi& table, TableNumber number, BytesView key,
                      const Bytes& plain) {
    const Bytes sealed = sealer_.seal(number, key, plain);
    rows_sum_ += row_sum(key, sealed);
    return table.append(transaction_, key, sealed);
  }
  // A row that is about to be replaced or removed no longer counts.
  Result<void> leave_out(const lmdb::StateDbi& table, BytesView key) {
    FLORIN_TRY(const auto before, table.get(transaction_, key));
    if (before.has_value()) rows_sum_ -= row_sum(key, *before);
    return {};
  }

  Result<void> open_accounts() {
    std::uint64_t expected = state_.tip().next_account;
    for (const verify::AccountOpening& opening : record_.leaf.openings) {
      if (opening.number != expected++) return inconsistent(record_, "account numbers have a gap");
      const Account account{opening.number,
                            {static_cast<AccountCode>(opening.code), opening.asset, opening.owner},
                            opening.exponent,
                            opening.parent,
                            record_.leaf.seq};
      FLORIN_TRY_VOID(append(tables_.accounts, TableNumber::accounts, seq_key(account.number),
                             encode(account)));
      FLORIN_TRY_VOID(insert(tables_.account_keys, TableNumber::account_keys,
                             account_key_bytes(account.key),
                             encode(AccountNumberRow{account.number, account.exponent})));
    }
    return {};
  }

  Result<void> post() {
    std::map<std::uint64_t, BalanceRow> touched;
    for (const verify::Posting& posting : record_.leaf.postings) {
      auto at = touched.find(posting.account);
      if (at == touched.end()) {
        FLORIN_TRY(const auto found, state_.balance_row(posting.account));
        if (!found.has_value()) return inconsistent(record_, "an account was never opened");
        at = touched.emplace(posting.account, *found).first;
        FLORIN_TRY_VOID(mark(at->second));
      }
      Uint128& total = total_of(at->second.balance, static_cast<Side>(posting.side),
                                static_cast<Layer>(posting.layer));
      if (!add_checked(total, posting.amount) || total != posting.total) {
        return inconsistent(record_, "a running total differs");
      }
    }
    for (auto& [number, row] : touched) {
      row.balance.last_seq = record_.leaf.seq;
      FLORIN_TRY_VOID(put(tables_.balances, TableNumber::balances, seq_key(number), encode(row)));
    }
    return {};
  }

  // Now and then the balance is kept as it was, so that a question about an earlier time never has
  // to walk back further than from the mark behind it.
  Result<void> mark(BalanceRow& row) {
    if (++row.since_mark < kEntriesPerMark) return {};
    row.since_mark = 0;
    return insert(tables_.balance_marks, TableNumber::balance_marks,
                  mark_key(row.balance.account.number, row.balance.last_seq),
                  encode_mark(row.balance));
  }

  Result<void> set_flags() {
    for (const verify::AccountFlags& change : record_.leaf.account_flags) {
      FLORIN_TRY(auto row, state_.balance_row(change.account));
      if (!row.has_value()) return inconsistent(record_, "an account was never opened");
      row->balance.flags = change.flags;
      FLORIN_TRY_VOID(
          put(tables_.balances, TableNumber::balances, seq_key(change.account), encode(*row)));
    }
    return {};
  }

  Result<void> change_holds() {
    std::map<Uuid, HoldState> before;
    std::map<Uuid, HoldState> touched;
    for (const verify::HoldChange& change : record_.leaf.holds) {
      auto at = touched.find(change.hold);
      if (at == touched.end()) {
        FLORIN_TRY(const auto found, state_.hold(change.hold));
        HoldState fresh;
        fresh.id = change.hold;
        fresh.asset = change.asset;
        at = touched.emplace(change.hold, found.value_or(fresh)).first;
        before.emplace(change.hold, at->second);
      }
      FLORIN_TRY_VOID(change_hold(at->second, change));
    }
    FLORIN_TRY_VOID(post_legs(touched));
    for (auto& [id, hold] : touched) {
      if ((record_.leaf.flags & verify::kFlagLimitPassed) != 0) hold.limit_passed = true;
      FLORIN_TRY_VOID(put(tables_.holds, TableNumber::holds, id.view(), encode(hold)));
      FLORIN_TRY_VOID(write_due(before.at(id), hold));
    }
    return {};
  }

  Result<void> post_legs(std::map<Uuid, HoldState>& touched) {
    for (const verify::Posting& posting : record_.leaf.postings) {
      if (posting.layer != verify::Layer::pending) continue;
      if (touched.size() != 1) return inconsistent(record_, "pending postings without their hold");
      FLORIN_TRY_VOID(post_leg(touched.begin()->second, posting));
    }
    return {};
  }

  // A hold is in the list of those that will expire while something of it remains.
  Result<void> write_due(const HoldState& before, const HoldState& after) {
    const auto listed = [](const HoldState& hold) {
      const bool due = hold.expires_at != 0 && remaining_of(hold) > 0;
      return due ? due_key({hold.id, hold.expires_at}) : Bytes{};
    };
    const Bytes old_key = listed(before);
    const Bytes new_key = listed(after);
    if (old_key == new_key) return {};
    if (!old_key.empty()) {
      FLORIN_TRY_VOID(leave_out(tables_.due_holds, old_key));
      FLORIN_TRY_VOID(tables_.due_holds.erase(transaction_, old_key));
    }
    if (new_key.empty()) return {};
    return put(tables_.due_holds, TableNumber::due_holds, new_key, {});
  }

  Result<void> write_object(const BodyObject& object) {
    const Bytes key = object_key(object.kind, object.id);
    FLORIN_TRY(const auto before, state_.object(object.kind, object.id));
    if ((before.has_value() ? before->version : 0) + 1 != object.version) {
      return inconsistent(record_, "an object's version does not follow");
    }
    FLORIN_TRY_VOID(put(tables_.object_heads, TableNumber::object_heads, key,
                        encode(ObjectHead{object.version, record_.leaf.seq, object.head})));
    ObjectRow after{object.kind, object.id, object.version, record_.leaf.seq, {}, object.head};
    if (before.has_value()) {
      after.immutable = before->immutable;
    } else if (object.immutable.has_value()) {
      after.immutable = *object.immutable;
      FLORIN_TRY_VOID(
          insert(tables_.object_immutables, TableNumber::object_immutables, key, after.immutable));
    }
    return write_index(before, after);
  }

  // Only what differs is touched: an index row that stays keeps the bytes of the entry that wrote
  // it.
  Result<void> write_index(const std::optional<ObjectRow>& before, const ObjectRow& after) {
    IndexKeys old_keys;
    if (before.has_value()) {
      FLORIN_TRY(old_keys, index_keys(projectors_, *before));
    }
    FLORIN_TRY(const IndexKeys new_keys, index_keys(projectors_, after));
    for (const Bytes& key : old_keys) {
      if (std::binary_search(new_keys.begin(), new_keys.end(), key)) continue;
      FLORIN_TRY_VOID(leave_out(tables_.index, key));
      FLORIN_TRY_VOID(tables_.index.erase(transaction_, key));
    }
    for (const Bytes& key : new_keys) {
      if (std::binary_search(old_keys.begin(), old_keys.end(), key)) continue;
      FLORIN_TRY_VOID(
          put(tables_.index, TableNumber::index, key, encode(IndexTarget{after.kind, after.id})));
    }
    return {};
  }

  Result<void> write_idempotency() {
    if (!record_.body.idempotency.has_value()) return {};
    const IdempotencyWrite& write = *record_.body.idempotency;
    const IdempotencyRow row{write.fingerprint,
                             write.answered,
                             record_.leaf.seq,
                             write.resource,
                             write.http_status,
                             write.expires_at,
                             {}};
    return put(tables_.idempotency, TableNumber::idempotency, write.key, encode(row));
  }

  Result<void> write_events() {
    std::map<Uuid, std::uint64_t> counters;
    std::uint32_t index = 0;
    for (const BodyEvent& event : record_.body.events) {
      FLORIN_TRY_VOID(append(tables_.outbox, TableNumber::outbox,
                             outbox_key(record_.leaf.seq, index++),
                             encode_number(event.merchant_seq)));
      counters[event.event.merchant] = event.merchant_seq;
    }
    for (const auto& [merchant, last] : counters) {
      FLORIN_TRY_VOID(
          put(tables_.merchants, TableNumber::merchants, merchant.view(), encode_number(last)));
    }
    return {};
  }

  Result<void> write_subject() {
    const verify::Leaf& leaf = record_.leaf;
    if (leaf.subject == Uuid{}) return {};
    return insert(tables_.subjects, TableNumber::subjects, subject_key(leaf.subject, leaf.seq), {});
  }

  Result<void> write_tiles() {
    for (const Tile& tile : edge_.append(record_.leaf_hash)) {
      FLORIN_TRY_VOID(insert(tables_.tiles, TableNumber::tiles, tile_key(tile.level, tile.index),
                             encode_tile(tile.hashes)));
    }
    return {};
  }

  lmdb::WriteTransaction& transaction_;
  const Tables& tables_;
  const ProjectorSet& projectors_;
  const EntryRecord& record_;
  LmdbState state_;
  TileEdge& edge_;
  RowSealer sealer_;
  std::uint64_t rows_sum_;
};

}  // namespace

Result<void> project(lmdb::WriteTransaction& transaction, const Tables& tables,
                     const SegmentKeyring& keyring, const ProjectorSet& projectors,
                     const EntryRecord& record, const EntryPlace& place, Tip& tip, TileEdge& edge) {
  FLORIN_TRY(auto keys, keyring.get(place.segment));
  RowSealer sealer(std::move(keys), place.segment, place.frame);
  Projection projection(transaction, tables, keyring, projectors, record, tip, edge,
                        std::move(sealer));
  FLORIN_TRY_VOID(projection.run());
  tip.rows_sum = projection.rows_sum();
  tip.next_seq = record.leaf.seq + 1;
  tip.booked_at = record.leaf.booked_at;
  tip.leaf_hash = record.leaf_hash;
  tip.next_account += record.leaf.openings.size();
  if (record.leaf.clock.has_value()) tip.clock = *record.leaf.clock;
  if (record.leaf.lock_through.has_value()) tip.locked_through = record.leaf.lock_through;
  if (record.leaf.recovery.has_value()) {
    tip.recovering = record.leaf.recovery->step == verify::RecoveryStep::restored;
  }
  return {};
}

Result<void> store_frame(lmdb::WriteTransaction& transaction, const Tables& tables,
                         std::uint64_t seq, std::uint64_t segment, BytesView frame, Tip& tip) {
  ByteWriter out;
  out.u64(segment);
  out.raw(frame);
  const Bytes key = seq_key(seq);
  tip.rows_sum += row_sum(key, out.view());
  return tables.entries.append(transaction, key, out.view());
}

}  // namespace florin::ledger
