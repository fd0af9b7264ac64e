#include "ledger/describe.h"

#include "ledger/verify/leaf.h"

namespace florin::ledger {

bool can_be_reversed(EntryType type) noexcept {
  switch (type) {
    case EntryType::genesis:
    case EntryType::reversal:
    case EntryType::expiry:
    case EntryType::clock:
    case EntryType::period:
    case EntryType::account:
    case EntryType::recovery:
      return false;
    default:
      return true;
  }
}

Result<EntryDetails> describe(const EntryView& entry) {
  FLORIN_TRY(verify::Leaf leaf, verify::decode_leaf(entry.leaf));
  EntryDetails out{.seq = leaf.seq,
                   .id = leaf.entry_id,
                   .type = static_cast<EntryType>(leaf.type),
                   .booked_at = leaf.booked_at,
                   .subject = leaf.subject,
                   .note = leaf.note,
                   .evaluation = (leaf.flags & verify::kFlagEvaluation) != 0,
                   .postings = {}};
  if (leaf.reverses) out.reverses = leaf.reverses->seq;
  for (const verify::Posting& posting : leaf.postings) {
    out.postings.push_back({.account = posting.account,
                            .amount = posting.amount,
                            .asset = posting.asset,
                            .side = static_cast<Side>(posting.side),
                            .layer = static_cast<Layer>(posting.layer),
                            .party = posting.party});
  }
  return out;
}

}  // namespace florin::ledger
