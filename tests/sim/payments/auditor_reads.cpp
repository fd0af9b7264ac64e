// What the auditor takes from the PSP's book and from the entries.
#include <algorithm>

#include "auditor.h"
#include "json_members.h"

namespace florin::sim {
namespace {

std::vector<std::int64_t> succeeded_amounts(const json::array& parts) {
  std::vector<std::int64_t> out;
  for (const json::value& part : parts) {
    const json::object& object = part.get_object();
    if (text_of(object, "status") == "succeeded") out.push_back(number_of(object, "amount"));
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::int64_t sum_of(const std::vector<std::int64_t>& amounts) {
  std::int64_t sum = 0;
  for (const std::int64_t amount : amounts) sum += amount;
  return sum;
}

}  // namespace

void Auditor::read_psp(const json::value& book) {
  const json::object& object = book.get_object();
  for (const json::value& charge : list_of(object, "charges")) read_charge(charge.get_object());
  for (const auto& reference : object.at("executions_by_reference").get_object()) {
    if (reference.value().get_int64() > 1) {
      find("operation " + std::string(reference.key()) + " was executed more than once");
    }
  }
}

void Auditor::read_charge(const json::object& charge) {
  Truth& truth = truths_[text_of(charge, "merchant_reference")];
  ++truth.charges;
  if (text_of(charge, "status") == "declined") return;
  truth.authorized = number_of(charge, "amount");
  truth.captures = succeeded_amounts(list_of(charge, "captures"));
  truth.refunds = succeeded_amounts(list_of(charge, "refunds"));
  truth.captured = number_of(charge, "amount_captured");
  // A sale is a capture of its own.
  if (truth.captures.empty() && truth.captured > 0) truth.captures = {truth.captured};
  truth.refunded = sum_of(truth.refunds);
  const bool closed = text_of(charge, "status") != "authorized";
  truth.released = closed ? truth.authorized - truth.captured : 0;
  if (sum_of(truth.captures) != truth.captured ||
      truth.refunded != number_of(charge, "amount_refunded")) {
    find("the PSP's own sums differ for " + text_of(charge, "id"));
  }
}

// Every posting of every entry, from the bytes that are hashed.
void Auditor::read_house(const House& house) {
  std::map<std::uint64_t, std::array<Uint128, 4>> sums;
  std::map<std::uint64_t, std::uint16_t> codes;
  const auto entries = house.books->entries(0, 1'000'000);
  for (const ledger::EntryView& entry : *entries) {
    const auto leaf = verify::decode_leaf(entry.leaf);
    if (!leaf.ok()) return find("entry " + std::to_string(entry.seq) + " cannot be read");
    for (const auto& opening : leaf->openings) codes[opening.number] = opening.code;
    std::map<std::pair<verify::Layer, std::uint16_t>, std::int64_t> balance;
    for (const verify::Posting& posting : leaf->postings) {
      const auto amount = static_cast<std::int64_t>(posting.amount);
      const bool debit = posting.side == verify::Side::debit;
      sums[posting.account].at(static_cast<std::size_t>(posting.layer) * 2 + (debit ? 0 : 1)) +=
          posting.amount;
      balance[{posting.layer, posting.asset}] += debit ? amount : -amount;
      Postings& payment = postings_[leaf->subject];
      Moved& moved = payment.places[{codes[posting.account], posting.layer}];
      moved.net += debit ? amount : -amount;
      (debit ? moved.debits : moved.credits).push_back(amount);
      const auto& own = house.merchants;
      payment.foreign_party |= std::none_of(
          own.begin(), own.end(), [&](const MerchantId& id) { return id.value == posting.party; });
    }
    for (const auto& [place, net] : balance) {
      if (net != 0) find("entry " + std::to_string(entry.seq) + " does not balance");
    }
  }
  check_totals(house, sums);
}

void Auditor::check_totals(const House& house,
                           const std::map<std::uint64_t, std::array<Uint128, 4>>& sums) {
  const auto balances = house.books->balances();
  for (const ledger::AccountBalance& balance : *balances) {
    const auto found = sums.find(balance.account.number);
    const std::array<Uint128, 4> none{};
    const std::array<Uint128, 4>& sum = found == sums.end() ? none : found->second;
    if (sum != std::array<Uint128, 4>{balance.debits_posted, balance.credits_posted,
                                      balance.debits_pending, balance.credits_pending}) {
      find("account " + std::to_string(balance.account.number) + " is not the sum of its postings");
    }
  }
}

void Auditor::read_events(const House& house) {
  std::map<Uuid, std::uint64_t> last;
  std::uint64_t seq = 0;
  std::uint32_t index = 0;
  for (;;) {
    const auto page = house.books->outbox(seq, index, 1000);
    if (page->empty()) break;
    for (const ledger::OutboxEvent& event : *page) {
      ++postings_[event.event.object_id].events[event.event.type];
      if (event.merchant_seq != ++last[event.event.merchant]) find("a gap in a merchant's events");
      seq = event.seq;
      index = event.index;
    }
  }
}

}  // namespace florin::sim
