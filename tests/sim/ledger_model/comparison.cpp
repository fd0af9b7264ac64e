// Entry by entry, and what each one touched.
#include "comparison.h"

#include "ledger/verify/merkle.h"

namespace florin::ledger::sim {
namespace {

std::string at_seq(std::uint64_t seq, const char* what) {
  return "entry " + std::to_string(seq) + ": " + what;
}

std::string text_of(const std::vector<verify::HoldChange>& changes) {
  std::string text;
  for (const verify::HoldChange& change : changes) {
    text += to_hex(change.hold.view()) + " operation " +
            std::to_string(static_cast<int>(change.operation)) + " amount " +
            std::to_string(change.amount) + " until " + std::to_string(change.expires_at) +
            (change.takes_back ? " taken back; " : "; ");
  }
  return text;
}

}  // namespace

std::string Comparison::after_batch() {
  difference_.clear();
  std::set<std::uint64_t> accounts;
  std::set<Uuid> holds;
  const std::uint64_t first = compared_;
  const std::uint64_t end = model_.size();
  equal(real_->head().next_seq, end, "number of entries");
  const auto views = real_->entries(first, end - first);
  if (!views.ok() || views->size() != end - first) return "entries cannot be read";
  for (const EntryView& view : *views) {
    const verify::Leaf expected = model_.leaf(view.seq);
    leaf(view, expected);
    for (const verify::Posting& posting : expected.postings) accounts.insert(posting.account);
    for (const verify::AccountFlags& row : expected.account_flags) accounts.insert(row.account);
    for (const verify::HoldChange& change : expected.holds) holds.insert(change.hold);
  }
  for (const std::uint64_t number : accounts) {
    const AccountKey key = model_.account_key(number);
    const auto found = real_->account(key);
    if (!found.ok() || !found->has_value()) return "account " + std::to_string(number) + " is lost";
    account(**found, **model_.account(key));
  }
  for (const Uuid& id : holds) hold(id);
  books();
  return difference_;
}

void Comparison::leaf(const EntryView& view, const verify::Leaf& expected) {
  const std::uint64_t seq = view.seq;
  equal(view.leaf_hash, verify::leaf_hash(view.leaf), at_seq(seq, "hash of the leaf"));
  auto decoded = verify::decode_leaf(view.leaf);
  if (!decoded.ok()) return differ(at_seq(seq, "does not decode: ") + decoded.error().to_log());
  verify::Leaf& real = *decoded;
  // The real chain is checked by itself.
  equal(real.previous_leaf, previous_leaf_, at_seq(seq, "hash of the leaf before"));
  previous_leaf_ = view.leaf_hash;
  ++compared_;
  equal(real.type, expected.type, at_seq(seq, "type"));
  equal(real.origin, expected.origin, at_seq(seq, "origin"));
  equal(real.booked_at, expected.booked_at, at_seq(seq, "booking time"));
  equal(real.effective_day, expected.effective_day, at_seq(seq, "effective day"));
  equal(real.meant_day, expected.meant_day, at_seq(seq, "day meant"));
  equal(real.postings, expected.postings, at_seq(seq, "postings"));
  equal(real.openings, expected.openings, at_seq(seq, "accounts opened"));
  equal(real.holds, expected.holds,
        at_seq(seq, "hold changes: ") + text_of(real.holds) + "instead of " +
            text_of(expected.holds));
  equal(real.account_flags, expected.account_flags, at_seq(seq, "account flags"));
  equal(real.redirections, expected.redirections, at_seq(seq, "redirections"));
  equal(real.reverses, expected.reverses, at_seq(seq, "entry taken back"));
  equal(real.approvals, expected.approvals, at_seq(seq, "approvals"));
  equal(real.flags, expected.flags, at_seq(seq, "flags"));
  // What is left. Keys, salts and the chain differ; the genesis entry has an id of its own.
  real.previous_leaf = expected.previous_leaf;
  real.body_commitment = expected.body_commitment;
  real.fingerprint = expected.fingerprint;
  if (seq == 0) {
    real.entry_id = expected.entry_id;
    real.actor = expected.actor;
    real.note = expected.note;
  }
  equal(real.subject, expected.subject, at_seq(seq, "subject"));
  equal(real.note, expected.note, at_seq(seq, "note"));
  if (!real.actor.has_value()) real.actor = verify::Actor{};
  equal(real, expected, at_seq(seq, "some other field"));
}

void Comparison::account(const AccountBalance& real, const AccountBalance& model) {
  const std::string name = "account " + std::to_string(model.account.number) + ": ";
  equal(real.account.number, model.account.number, name + "number");
  equal(real.account.key, model.account.key, name + "key");
  equal(real.account.exponent, model.account.exponent, name + "exponent");
  equal(real.account.parent, model.account.parent, name + "parent");
  equal(real.account.opened_seq, model.account.opened_seq, name + "entry that opened it");
  equal(real.debits_posted, model.debits_posted, name + "posted debits");
  equal(real.credits_posted, model.credits_posted, name + "posted credits");
  equal(real.debits_pending, model.debits_pending, name + "pending debits");
  equal(real.credits_pending, model.credits_pending, name + "pending credits");
  equal(real.last_seq, model.last_seq, name + "last entry");
  equal(real.flags, model.flags, name + "flags");
}

void Comparison::hold(const Uuid& id) {
  const std::string name = "hold " + to_hex(id.view()) + ": ";
  const auto found = real_->hold(id);
  const auto expected = model_.hold(id);
  if (!found.ok()) return differ(name + found.error().to_log());
  if (!equal(found->has_value(), expected->has_value(), name + "existence")) return;
  if (!found->has_value()) return;
  const HoldState& real = **found;
  const HoldState& model = **expected;
  equal(real.asset, model.asset, name + "asset");
  equal(real.authorized, model.authorized, name + "authorized");
  equal(real.captured, model.captured, name + "captured");
  equal(real.released, model.released, name + "released");
  equal(real.refunded, model.refunded, name + "refunded");
  equal(real.expires_at, model.expires_at, name + "time");
  equal(real.limit_passed, model.limit_passed,
        name + (model.limit_passed ? "no limit was passed" : "a limit was passed"));
  if (!equal(real.legs.size(), model.legs.size(), name + "number of legs")) return;
  for (std::size_t i = 0; i < real.legs.size(); ++i) {
    equal(real.legs[i].account, model.legs[i].account, name + "account of a leg");
    equal(real.legs[i].party, model.legs[i].party, name + "party of a leg");
    equal(real.legs[i].net, model.legs[i].net, name + "leg");
  }
  hold_rules(real);
}

// FORMAT.md, "Holds", without asking the model.
void Comparison::hold_rules(const HoldState& state) {
  const std::string name = "hold " + to_hex(state.id.view()) + ": ";
  Int128 sum = 0;
  for (const HoldLeg& leg : state.legs) {
    sum += leg.net;
    if (leg.net == 0) differ(name + "a leg of nothing is shown");
  }
  if (sum != 0) differ(name + "legs do not balance");
  if (state.limit_passed) return;
  const Uint128 gone = Uint128{state.captured} + state.released;
  if (gone > state.authorized) differ(name + "more is gone than was authorized");
  if (state.refunded > state.captured) differ(name + "more is refunded than was captured");
}

void Comparison::books() {
  const auto real = real_->books_state();
  const auto model = model_.books_state();
  if (!real.ok()) return differ("state of the books: " + real.error().to_log());
  equal(real->clock, model->clock, "clock of the books");
  equal(real->locked_through, model->locked_through, "locked days");
  equal(real->recovering, model->recovering, "recovering");
}

}  // namespace florin::ledger::sim
