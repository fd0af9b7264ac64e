#include "ledger/apply.h"

#include <algorithm>

#include "base/hash.h"
#include "ledger/merkle.h"
#include "ledger/rules.h"

namespace florin::ledger {
namespace {

verify::Leaf start_leaf(const Tip& tip, const Command& command, const ApplyContext& context) {
  verify::Leaf leaf;
  leaf.type = static_cast<std::uint8_t>(command.type);
  leaf.seq = tip.next_seq;
  leaf.tenant = context.tenant;
  leaf.mode = static_cast<verify::Mode>(context.mode);
  leaf.origin = static_cast<verify::Origin>(command.origin);
  leaf.booked_at = std::max(context.now, tip.booked_at + 1);
  leaf.effective_day = command.effective_day.value_or(day_of(leaf.booked_at));
  leaf.entry_id = command.entry_id;
  leaf.subject = command.subject;
  leaf.previous_leaf = tip.leaf_hash;
  leaf.fingerprint = context.fingerprint;
  leaf.actor = verify::Actor{static_cast<verify::ActorKind>(command.actor.kind), command.actor.id};
  leaf.flags = context.flags;
  leaf.note = command.note;
  return leaf;
}

// Facts are what a restored ledger is brought up to date with.
bool is_taken_while_recovering(const Command& command) {
  return command.origin != Origin::command || command.type == EntryType::audit ||
         command.type == EntryType::recovery;
}

}  // namespace

Result<Applied> apply(const StateView& state, const Command& command, const ApplyContext& context) {
  FLORIN_TRY_VOID(check_form(command));
  if ((command.type == EntryType::genesis) != (state.tip().next_seq == 0)) {
    return Error(Errc::validation_failed, "type", "A ledger has one genesis entry, its first.");
  }
  FLORIN_TRY(const auto known, state.entry_id(command.entry_id));
  if (known.has_value()) {
    if (known->fingerprint != context.fingerprint) return Error(Errc::duplicate_entry);
    return Applied(Receipt{known->seq, known->booked_at, true});
  }
  if (state.tip().recovering && !is_taken_while_recovering(command)) {
    return Error(Errc::ledger_recovering, {}, {}, "restored and not reopened");
  }
  EntryRecord record;
  record.leaf = start_leaf(state.tip(), command, context);
  record.body.salt = context.salt;
  TouchedAccounts accounts(state, record.leaf);
  FLORIN_TRY_VOID(apply_body(state, command, record.body));
  FLORIN_TRY_VOID(apply_type(state, command, accounts, record.leaf));
  FLORIN_TRY(const Draft draft, draft_of(state, command, accounts, record.leaf));
  FLORIN_TRY_VOID(apply_day(state, command, draft, record.leaf));
  FLORIN_TRY_VOID(apply_postings(command, draft, accounts, record.leaf));
  FLORIN_TRY_VOID(apply_holds(state, command, draft, record.leaf));
  FLORIN_TRY(record.body_bytes, encode_body(record.body));
  record.leaf.body_commitment = sha256(record.body_bytes);
  FLORIN_TRY(record.leaf_bytes, write_leaf(record.leaf));
  record.leaf_hash = merkle_leaf_hash(record.leaf_bytes);
  return Applied(std::move(record));
}

Result<EntryRecord> decode_entry(Bytes leaf_bytes, Bytes body_bytes) {
  EntryRecord record;
  FLORIN_TRY(record.leaf, verify::decode_leaf(leaf_bytes));
  FLORIN_TRY(record.body, decode_body(body_bytes));
  if (sha256(body_bytes) != record.leaf.body_commitment) {
    return Error(Errc::ledger_record_invalid, {}, "An entry's body is not the one it commits to.");
  }
  record.leaf_hash = merkle_leaf_hash(leaf_bytes);
  record.leaf_bytes = std::move(leaf_bytes);
  record.body_bytes = std::move(body_bytes);
  return record;
}

}  // namespace florin::ledger
