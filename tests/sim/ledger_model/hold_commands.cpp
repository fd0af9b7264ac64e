// Entries that change holds.
#include <algorithm>

#include "command_source.h"

namespace florin::ledger::sim {

using enum AccountCode;

Command CommandSource::authorize() {
  const std::uint64_t hold = chance(12) ? some_hold() : new_hold();
  const std::uint64_t size = amount();
  Command command = hold_only(HoldOperation::open, hold, size);
  command.holds[0].expires_at = some_expiry();
  add_memo(command, chance(20) ? size + 1 : size, true, memo_owner(hold));
  return command;
}

Command CommandSource::authorize_bare() {
  const std::uint64_t hold = chance(6) ? some_hold() : new_hold();
  Command command = hold_only(HoldOperation::open, hold, amount());
  command.holds[0].expires_at = some_expiry();
  return command;
}

Command CommandSource::increase() {
  const std::uint64_t hold = some_hold();
  const std::uint64_t size = amount();
  Command command = hold_only(HoldOperation::increase, hold, size);
  if (chance(3)) command.holds[0].expires_at = some_expiry();
  if (!hold_state(hold).legs.empty()) add_memo(command, size, true, memo_owner(hold));
  return command;
}

Command CommandSource::capture_part() {
  const std::uint64_t hold = some_hold();
  const std::uint64_t size = part_of(remaining_of(hold));
  Command command = ledger::transfer(++serial_, size, any_owner());
  command.holds = {{hold_id(hold), HoldOperation::capture, chance(30) ? kYen : kEuro, size}};
  if (!hold_state(hold).legs.empty()) add_memo(command, size, false, memo_owner(hold));
  return command;
}

Command CommandSource::capture_final() {
  const std::uint64_t hold = some_hold();
  const std::uint64_t all = remaining_of(hold);
  const std::uint64_t size = part_of(all);
  Command command = ledger::transfer(++serial_, size, any_owner());
  command.holds = {{hold_id(hold), HoldOperation::capture, kEuro, size}};
  if (all > size) {
    command.holds.push_back({hold_id(hold), HoldOperation::release, kEuro, all - size});
  }
  if (!hold_state(hold).legs.empty()) {
    add_memo(command, std::max(all, size), false, memo_owner(hold));
  }
  return command;
}

Command CommandSource::capture_twice() {
  const std::uint64_t hold = some_hold();
  const std::uint64_t first = part_of(remaining_of(hold) / 2);
  const std::uint64_t second = 1 + below(first);
  Command command = ledger::transfer(++serial_, first + second, owner());
  command.holds = {{hold_id(hold), HoldOperation::capture, kEuro, first},
                   {hold_id(hold), HoldOperation::capture, kEuro, second}};
  if (!hold_state(hold).legs.empty()) {
    add_memo(command, first, false, memo_owner(hold));
    add_memo(command, second, false, memo_owner(hold));
  }
  return command;
}

Command CommandSource::void_rest() {
  const std::uint64_t hold = some_hold();
  const std::uint64_t all = std::max<std::uint64_t>(remaining_of(hold), 1);
  Command command = hold_only(HoldOperation::release, hold, all);
  if (!hold_state(hold).legs.empty()) add_memo(command, all, false, memo_owner(hold));
  return command;
}

Command CommandSource::release_part() {
  const std::uint64_t hold = some_hold();
  const std::uint64_t size = part_of(remaining_of(hold));
  Command command = hold_only(HoldOperation::release, hold, size);
  if (!chance(10) && !hold_state(hold).legs.empty()) {
    add_memo(command, size, false, memo_owner(hold));
  }
  return command;
}

Command CommandSource::refund() {
  const std::uint64_t hold = some_hold();
  const HoldState state = hold_state(hold);
  const std::uint64_t left = state.captured > state.refunded ? state.captured - state.refunded : 0;
  const std::uint64_t size = part_of(left);
  Command command = ledger::withdrawal(++serial_, size, any_owner());
  command.holds = {{hold_id(hold), HoldOperation::refund, kEuro, size}};
  return command;
}

// Money that leaves is held on the account itself, where limits count it.
Command CommandSource::payout_reserve() {
  const std::uint64_t hold = new_hold();
  const std::uint64_t size = amount();
  const std::uint64_t who = governed_owner();
  Command command = hold_only(HoldOperation::open, hold, size);
  command.postings = {debit(account_of(merchant_payable, who), size, Layer::pending),
                      credit(account_of(payout_in_transit, who), size, Layer::pending)};
  return command;
}

Command CommandSource::payout_done() {
  const std::uint64_t hold = some_hold();
  const HoldState state = hold_state(hold);
  const std::uint64_t size = std::max<std::uint64_t>(remaining_of(hold), 1);
  Command command = hold_only(HoldOperation::capture, hold, size);
  for (const HoldLeg& leg : state.legs) {
    const AccountKey key = model_.account_key(leg.account);
    const bool debits = leg.net > 0;
    const auto net = static_cast<std::uint64_t>(debits ? leg.net : -leg.net);
    command.postings.push_back(debits ? credit(key, net, Layer::pending)
                                      : debit(key, net, Layer::pending));
    command.postings.back().party = leg.party;
    command.postings.push_back(debits ? debit(key, net) : credit(key, net));
  }
  return command;
}

Command CommandSource::expiry() {
  if (due_.empty() || chance(20)) due_ = *model_.due_holds(clock_.now(), 20);
  Command command = hold_only(HoldOperation::expire, some_hold(), 0);
  if (!due_.empty() && !chance(8)) {
    command.holds[0].hold = due_.front().hold;
    due_.erase(due_.begin());
  }
  if (chance(2)) command.origin = Origin::system;
  return command;
}

Command CommandSource::several_holds() {
  Command command = hold_only(HoldOperation::open, new_hold(), amount());
  command.holds.push_back({hold_id(new_hold()), HoldOperation::open, kEuro, amount()});
  if (chance(3)) add_memo(command, command.holds[0].amount, true);
  return command;
}

Command CommandSource::fact_capture() {
  Command command = as_fact(capture_part());
  if (chance(4)) {
    const std::uint64_t more = below(200);
    command.holds[0].amount += more;
    for (Posting& posting : command.postings) posting.amount += more;
  }
  return command;
}

Command CommandSource::fact_refund() {
  Command command = as_fact(refund());
  if (chance(4)) command.holds[0].amount += below(200);
  return command;
}

Command CommandSource::fact_open() {
  Command command = as_fact(authorize());
  command.holds[0].expires_at = 0;
  if (chance(3)) command = as_fact(hold_only(HoldOperation::capture, new_hold(), amount()));
  if (chance(3)) command = as_fact(hold_only(HoldOperation::open, some_hold(), amount()));
  return command;
}

}  // namespace florin::ledger::sim
