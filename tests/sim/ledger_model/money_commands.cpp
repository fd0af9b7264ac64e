// Entries with postings and without holds, and what happened at a PSP.
#include "command_source.h"

namespace florin::ledger::sim {

using enum AccountCode;

Command CommandSource::transfer() {
  return ledger::transfer(++serial_, amount(), any_owner());
}

Command CommandSource::withdrawal() {
  return ledger::withdrawal(++serial_, amount(), any_owner());
}

Command CommandSource::exchange() {
  Command command = new_command(EntryType::capture);
  const std::uint64_t euros = amount();
  const std::uint64_t yen = chance(8) ? euros : euros * 160;
  const std::uint64_t who = owner();
  command.postings = {debit(account_of(merchant_payable, who), euros),
                      credit(account_of(fx_position, 9), euros),
                      debit(account_of(fx_position, 9, kYen), yen),
                      credit(account_of(merchant_payable, who, kYen), euros * 160)};
  return command;
}

Command CommandSource::sub_merchant_sale() {
  Command command = ledger::transfer(++serial_, amount(), any_owner());
  const std::uint64_t child = below(12);
  command.postings[1].account = account_of(submerchant_payable, 1000 + child);
  command.postings[1].party = owner_id(1000 + child);
  command.postings[1].parent_owner = owner_id(chance(6) ? 1 + below(6) : 1 + child % 6);
  return command;
}

Command CommandSource::many_postings() {
  Command command = new_command(EntryType::capture);
  const std::uint64_t count = 2 + below(21);
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t each = amount();
    command.postings.push_back(credit(account_of(tax_payable, 1 + below(8)), each));
    sum += each;
  }
  command.postings.push_back(debit(account_of(psp_fees, owner()), sum));
  return command;
}

Command CommandSource::large_amounts() {
  Command command = ledger::transfer(++serial_, UINT64_MAX - below(2), owner());
  if (chance(2)) command.postings[1].amount = UINT64_MAX;
  for (Posting& posting : command.postings) posting.account.code = settlement_bank;
  command.postings[1].account.owner = owner_id(77);
  if (chance(2)) {
    command = hold_only(HoldOperation::increase, some_hold(), UINT64_MAX - below(3));
  }
  return command;
}

Command CommandSource::back_dated() {
  Command command = transfer();
  command.effective_day = day_of(clock_.now()) - static_cast<std::int32_t>(below(8));
  return command;
}

Command CommandSource::unbalanced() {
  Command command = transfer();
  if (!chance(6)) command.postings[below(2)].amount += below(2);
  if (chance(4)) command.postings[below(2)].account.asset = kDollar;
  if (chance(4)) command.postings[below(2)].layer = Layer::pending;
  return command;
}

Command CommandSource::fact_transfer() {
  return as_fact(transfer());
}

Command CommandSource::fact_withdrawal() {
  return as_fact(withdrawal());
}

Command CommandSource::fact_late() {
  return as_fact(back_dated());
}

Command CommandSource::adjustment() {
  Command command = ledger::transfer(++serial_, amount(), any_owner());
  command.type = EntryType::adjustment;
  if (chance(2)) {
    command.effective_day = day_of(clock_.now()) - static_cast<std::int32_t>(below(30));
  }
  approve(command, {1 + below(3), 1 + below(3)});
  if (chance(8)) command.approvals[1].request = Hash32{9};
  if (chance(6)) approve(command, {1 + below(9)});
  return command;
}

Command CommandSource::reversal() {
  Command command = new_command(EntryType::reversal);
  command.reverses = chance(20) ? entry_id(serial_ + 1000) : some_entry();
  approve(command, {1 + below(8), 1 + below(8)});
  return command;
}

Command CommandSource::reversal_fact() {
  Command command = new_command(EntryType::reversal);
  command.origin = chance(4) ? Origin::system : Origin::fact;
  command.reverses = some_entry();
  return command;
}

}  // namespace florin::ledger::sim
