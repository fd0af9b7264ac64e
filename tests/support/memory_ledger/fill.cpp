// Where the postings and hold changes of an entry come from: the command, the entry that is taken
// back, or the legs of the hold that expires. Totals come later.
#include "base/currency.h"
#include "support/memory_ledger/judge.h"

namespace florin::ledger::model {
namespace {

std::uint64_t open_account(const Books& books, Draft& draft, const AccountKey& key,
                           std::uint64_t parent) {
  Account account;
  account.number = books.accounts.size() + draft.openings.size() + 1;
  account.key = key;
  account.exponent = Currency::from_number(key.asset)->exponent();
  account.parent = parent;
  account.opened_seq = draft.leaf.seq;
  draft.openings.push_back(account);
  verify::AccountOpening told;
  told.number = account.number;
  told.code = static_cast<std::uint16_t>(key.code);
  told.asset = key.asset;
  told.exponent = account.exponent;
  told.owner = key.owner;
  told.parent = parent;
  draft.leaf.openings.push_back(told);
  return account.number;
}

const Account* find_account(const Books& books, const Draft& draft, const AccountKey& key) {
  const auto at = books.numbers.find(key);
  if (at != books.numbers.end()) return &books.accounts.at(at->second - 1).account;
  for (const Account& account : draft.openings) {
    if (account.key == key) return &account;
  }
  return nullptr;
}

verify::HoldChange told(const HoldChange& change) {
  verify::HoldChange out;
  out.hold = change.hold;
  out.operation = static_cast<verify::HoldOperation>(change.operation);
  out.asset = change.asset;
  out.amount = change.amount;
  out.expires_at = change.expires_at;
  return out;
}

}  // namespace

std::optional<std::uint64_t> account_number(const Books& books, Draft& draft, const AccountKey& key,
                                            const Uuid& parent_owner) {
  const bool is_child = key.code == AccountCode::submerchant_payable;
  const AccountKey parent_key{AccountCode::merchant_payable, key.asset, parent_owner};
  if (const Account* const known = find_account(books, draft, key)) {
    if (!is_child) return known->number;
    const Account* const parent = find_account(books, draft, parent_key);
    if (parent == nullptr || parent->number != known->parent) {
      draft.refuse(Errc::validation_failed, "parent_owner", {Errc::ledger_account_unusable});
      return std::nullopt;
    }
    return known->number;
  }
  if (!is_child) return open_account(books, draft, key, 0);
  if (parent_owner.is_nil()) draft.open_question("a child account of a nil parent");
  const auto parent = account_number(books, draft, parent_key, {});
  return open_account(books, draft, key, *parent);
}

void fill_from_command(const Books& books, const Command& command, Draft& draft) {
  std::map<std::pair<std::uint16_t, Layer>, Int128> sums;
  for (const Posting& row : command.postings) {
    const auto number = account_number(books, draft, row.account, row.parent_owner);
    if (!number.has_value() && command.origin == Origin::fact) {
      draft.open_question("a fact that names another parent than the account has");
    }
    const Int128 amount = row.amount;
    sums[{row.account.asset, row.layer}] += row.side == Side::debit ? amount : -amount;
    verify::Posting posting;
    posting.account = number.value_or(0);
    posting.amount = row.amount;
    posting.asset = row.account.asset;
    posting.side = static_cast<verify::Side>(row.side);
    posting.layer = static_cast<verify::Layer>(row.layer);
    posting.party = row.party;
    draft.leaf.postings.push_back(posting);
  }
  for (const auto& [which, sum] : sums) {
    if (sum != 0) draft.refuse(Errc::ledger_unbalanced, "postings");
  }
  for (const HoldChange& change : command.holds) draft.leaf.holds.push_back(told(change));
}

void fill_reversal(const Books& books, const Command& command, Draft& draft) {
  const auto at = books.ids.find(*command.reverses);
  if (at == books.ids.end()) return draft.refuse(Errc::not_found, "reverses");
  const Entry& original = books.entries.at(at->second);
  const verify::Leaf& leaf = original.leaf;
  const bool special = !leaf.account_flags.empty() || leaf.lock_through.has_value() ||
                       leaf.clock.has_value() || leaf.recovery.has_value();
  if (original.reversed || special || leaf.type == verify::kReversalType ||
      leaf.type == verify::kExpiryType || leaf.type == verify::kGenesisType) {
    return draft.refuse(Errc::state_conflict, "reverses");
  }
  draft.reverses = at->second;
  draft.leaf.reverses = verify::ReversedEntry{leaf.seq, leaf.entry_id};
  for (verify::Posting posting : leaf.postings) {
    posting.side = posting.side == verify::Side::debit ? verify::Side::credit : verify::Side::debit;
    draft.leaf.postings.push_back(posting);
  }
  for (verify::HoldChange change : leaf.holds) {
    change.takes_back = true;
    draft.leaf.holds.push_back(change);
  }
}

void fill_expiry(const Books& books, const Command& command, Draft& draft) {
  const HoldChange& change = command.holds.front();
  const auto at = books.holds.find(change.hold);
  if (at == books.holds.end()) return draft.refuse(Errc::not_found, "holds");
  const Hold& hold = at->second;
  if (hold.state.asset != change.asset) draft.refuse(Errc::currency_mismatch, "holds");
  const bool due = hold.state.expires_at != 0 && hold.state.expires_at <= books.state.clock;
  if (due && hold.remaining() <= 0 && hold.state.limit_passed) {
    draft.open_question("an expiry of nothing of a hold whose limit was passed");
  }
  if (!due || hold.remaining() <= 0) return draft.refuse(Errc::state_conflict, "holds");
  verify::HoldChange all = told(change);
  all.amount = static_cast<std::uint64_t>(hold.remaining());
  draft.leaf.holds.push_back(all);
  if (hold.legs.size() > 20) draft.refuse(Errc::ledger_limit, "postings");
  for (const auto& [leg, net] : hold.legs) {
    if (net == 0) continue;
    verify::Posting posting;
    posting.account = leg.first;
    const Int128 size = net > 0 ? net : -net;
    if (size > Int128{UINT64_MAX}) draft.open_question("a leg that no posting can hold");
    posting.amount = static_cast<std::uint64_t>(size);
    posting.asset = hold.state.asset;
    posting.side = net > 0 ? verify::Side::credit : verify::Side::debit;
    posting.layer = verify::Layer::pending;
    posting.party = leg.second;
    draft.leaf.postings.push_back(posting);
  }
}

}  // namespace florin::ledger::model
