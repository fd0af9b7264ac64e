#pragma once
/// The rules of the books as one pure function: state and command in, entry or refusal out.
#include <variant>

#include "ledger/body.h"
#include "ledger/leaf.h"
#include "ledger/state.h"

namespace florin::ledger {

/// An accepted command: everything that its entry says. Nothing else is needed to carry it out, so
/// that replaying the log and living through it are the same.
struct EntryRecord {
  verify::Leaf leaf;
  Body body;
  Bytes leaf_bytes;
  Bytes body_bytes;
  Hash32 leaf_hash{};
};

/// What the surroundings give to a command.
struct ApplyContext {
  Uuid tenant;
  Mode mode{};
  UnixNanos now = 0;
  ByteArray<32> salt{};     ///< random, of the body
  Key16 fingerprint{};      ///< of the command
  std::uint32_t flags = 0;  ///< leaf flags that the ledger itself sets (genesis)
};

/// Either an entry, or the receipt of the same command from before (duplicate = true).
using Applied = std::variant<EntryRecord, Receipt>;

/// Decides a command. Changes nothing. Errors: `validation_failed`, `ledger_limit`,
/// `ledger_unbalanced`, `amount_invalid`, `currency_unknown`, `currency_mismatch`,
/// `ledger_account_unusable`, `ledger_overflow`, `ledger_hold_exceeded`, `not_found` and
/// `state_conflict` (holds), `version_conflict`, `unique_violation`, `duplicate_entry`,
/// `ledger_balance_limit`, `ledger_period_locked`, `ledger_recovering`, `permission_denied` (not
/// approved by two people), `state_conflict` (type rules), `idempotency_in_progress`,
/// `idempotency_key_reused`, `state_conflict` (answered already); and whatever the state view
/// reports.
Result<Applied> apply(const StateView& state, const Command& command, const ApplyContext& context);

/// The entry as it is read back from the log. Error: `ledger_record_invalid`.
Result<EntryRecord> decode_entry(Bytes leaf_bytes, Bytes body_bytes);

}  // namespace florin::ledger
