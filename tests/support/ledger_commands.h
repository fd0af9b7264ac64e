#pragma once
/// Short ways to write commands for the ledger.
#include "ledger/command.h"

namespace florin::ledger {

inline Uuid numbered_id(std::uint64_t number, std::uint8_t kind = 0) {
  Uuid id;
  id.bytes[0] = kind;
  for (std::size_t i = 0; i < 8; ++i) {
    id.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  }
  return id;
}
inline Uuid entry_id(std::uint64_t number) {
  return numbered_id(number, 0xE0);
}
inline Uuid hold_id(std::uint64_t number) {
  return numbered_id(number, 0xB0);
}
inline Uuid owner_id(std::uint64_t number) {
  return numbered_id(number, 0xAA);
}
inline Uuid person_id(std::uint64_t number) {
  return numbered_id(number, 0x9E);
}
inline Key16 numbered_key(std::uint64_t number) {
  return numbered_id(number).bytes;
}

inline constexpr std::uint16_t kEuro = 978;
inline constexpr std::uint16_t kDollar = 840;
inline constexpr std::uint16_t kYen = 392;

inline Command command_of(std::uint64_t entry, EntryType type = EntryType::audit) {
  Command command;
  command.entry_id = entry_id(entry);
  command.type = type;
  return command;
}

inline AccountKey account_of(AccountCode code, std::uint64_t owner = 1,
                             std::uint16_t asset = kEuro) {
  return {code, asset, owner_id(owner)};
}

inline Posting debit(const AccountKey& account, std::uint64_t amount, Layer layer = Layer::posted) {
  return {account, Side::debit, layer, amount, account.owner};
}
inline Posting credit(const AccountKey& account, std::uint64_t amount,
                      Layer layer = Layer::posted) {
  return {account, Side::credit, layer, amount, account.owner};
}

/// Money from the PSP's side of the books to the merchant's.
inline Command transfer(std::uint64_t entry, std::uint64_t amount, std::uint64_t owner = 1) {
  using enum AccountCode;
  Command command = command_of(entry, EntryType::capture);
  command.postings = {debit(account_of(psp_receivable, owner), amount),
                      credit(account_of(merchant_payable, owner), amount)};
  return command;
}
/// The way back.
inline Command withdrawal(std::uint64_t entry, std::uint64_t amount, std::uint64_t owner = 1) {
  using enum AccountCode;
  Command command = command_of(entry, EntryType::refund);
  command.postings = {debit(account_of(merchant_payable, owner), amount),
                      credit(account_of(psp_receivable, owner), amount)};
  return command;
}

inline EntryType type_of(HoldOperation operation) {
  using enum HoldOperation;
  switch (operation) {
    case open:
      return EntryType::authorization;
    case capture:
      return EntryType::capture;
    case release:
      return EntryType::release;
    case refund:
      return EntryType::refund;
    case increase:
      return EntryType::increment;
    case expire:
      return EntryType::expiry;
  }
  return EntryType::audit;
}

/// Changes a hold without postings.
inline Command hold_change(std::uint64_t entry, HoldOperation operation, std::uint64_t amount,
                           std::uint64_t hold = 1, UnixNanos expires_at = 0) {
  Command command = command_of(entry, type_of(operation));
  command.holds = {{hold_id(hold), operation, kEuro, amount, expires_at}};
  return command;
}

/// The memo postings of a hold that grows by `amount`, or shrinks.
inline void add_memo(Command& command, std::uint64_t amount, bool grows, std::uint64_t owner = 1) {
  using enum AccountCode;
  const AccountKey memo = account_of(authorization_memo, owner);
  const AccountKey contra = account_of(authorization_contra, owner);
  command.postings.push_back(debit(grows ? memo : contra, amount, Layer::pending));
  command.postings.push_back(credit(grows ? contra : memo, amount, Layer::pending));
}

inline Command authorize(std::uint64_t entry, std::uint64_t amount, std::uint64_t hold = 1,
                         UnixNanos expires_at = 0) {
  Command command = hold_change(entry, HoldOperation::open, amount, hold, expires_at);
  add_memo(command, amount, true);
  return command;
}
/// Memo out, money in.
inline Command capture(std::uint64_t entry, std::uint64_t amount, std::uint64_t hold = 1) {
  Command command = transfer(entry, amount);
  command.holds = hold_change(entry, HoldOperation::capture, amount, hold).holds;
  add_memo(command, amount, false);
  return command;
}
inline Command release(std::uint64_t entry, std::uint64_t amount, std::uint64_t hold = 1) {
  Command command = hold_change(entry, HoldOperation::release, amount, hold);
  add_memo(command, amount, false);
  return command;
}

inline Command as_fact(Command command) {
  command.origin = Origin::fact;
  return command;
}

/// `people` approve the same request.
inline void approve(Command& command, std::initializer_list<std::uint64_t> people) {
  for (const std::uint64_t person : people) {
    command.approvals.push_back({person_id(person), Hash32{7}});
  }
}
inline Command approved(Command command) {
  approve(command, {1, 2});
  return command;
}

inline Command reversal(std::uint64_t entry, std::uint64_t reversed) {
  Command command = command_of(entry, EntryType::reversal);
  command.reverses = entry_id(reversed);
  return command;
}
inline Command clock_entry(std::uint64_t entry, UnixNanos time) {
  Command command = command_of(entry, EntryType::clock);
  command.origin = Origin::system;
  command.clock = time;
  return command;
}
inline Command lock_entry(std::uint64_t entry, std::int32_t day) {
  Command command = command_of(entry, EntryType::period);
  command.lock_through = day;
  return command;
}
inline Command expiry(std::uint64_t entry, std::uint64_t hold = 1) {
  Command command = hold_change(entry, HoldOperation::expire, 0, hold);
  command.origin = Origin::system;
  return command;
}
inline Command set_flags(std::uint64_t entry, const AccountKey& account, std::uint32_t flags) {
  Command command = command_of(entry, EntryType::account);
  command.account_changes = {{account, flags}};
  return command;
}

}  // namespace florin::ledger
