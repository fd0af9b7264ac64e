// Records about the books, objects and keys, and commands that are wrong on purpose.
#include "command_source.h"

namespace florin::ledger::sim {

using enum AccountCode;

namespace {
constexpr std::uint32_t kNoFlags = 0;
}  // namespace

Command CommandSource::clock_record() {
  const UnixNanos time = clock_.now() - static_cast<UnixNanos>(below(2)) * kNanosPerSecond +
                         (chance(8) ? kNanosPerSecond : 0);
  Command command = clock_entry(++serial_, time);
  if (chance(3)) command.origin = Origin::command;
  return command;
}

Command CommandSource::period() {
  return lock_entry(++serial_, day_of(clock_.now()) - static_cast<std::int32_t>(below(4)));
}

Command CommandSource::account_limit() {
  const bool payable = chance(2);
  const std::uint32_t limit = payable ? kDebitsMustNotExceedCredits : kCreditsMustNotExceedDebits;
  return set_flags(++serial_,
                   account_of(payable ? merchant_payable : psp_receivable, governed_owner()),
                   chance(4) ? kNoFlags : limit);
}

Command CommandSource::account_freeze() {
  return set_flags(++serial_,
                   account_of(chance(2) ? merchant_payable : psp_receivable, governed_owner()),
                   chance(3) ? std::uint32_t{kAccountFrozen} : kNoFlags);
}

Command CommandSource::account_close() {
  Command command = set_flags(++serial_, account_of(merchant_payable, governed_owner()),
                              chance(2) ? std::uint32_t{kAccountClosed} : kNoFlags);
  if (chance(4)) command.account_changes[0].account.code = authorization_memo;
  return command;
}

Command CommandSource::recovery() {
  Command command = new_command(EntryType::recovery);
  const bool recovering = model_.books_state()->recovering;
  if (recovering || !chance(6)) {
    command.recovery = RecoveryRecord{RecoveryStep::reopened};
    approve(command, {1 + below(4), 1 + below(4)});
  } else {
    command.recovery = RecoveryRecord{RecoveryStep::restored, below(100)};
    command.origin = Origin::system;
  }
  return command;
}

Command CommandSource::audit() {
  return new_command(EntryType::audit);
}

Command CommandSource::object_create() {
  Command command = new_command(EntryType::payment_state);
  const std::uint64_t object = chance(8) ? recent(last_object_, 50) : ++last_object_;
  ObjectWrite write;
  write.kind = ObjectKind{static_cast<std::uint8_t>(1 + object % 2)};
  write.id = numbered_id(object, 1);
  write.immutable = Bytes(below(60), static_cast<std::uint8_t>(below(256)));
  write.head = Bytes(1 + below(20), static_cast<std::uint8_t>(below(256)));
  command.objects = {write};
  return command;
}

Command CommandSource::object_change() {
  Command command = new_command(EntryType::payment_state);
  const std::uint64_t object = recent(last_object_, 50);
  ObjectWrite write;
  write.kind = ObjectKind{static_cast<std::uint8_t>(1 + object % 2)};
  write.id = numbered_id(object, 1);
  const auto row = model_.object(write.kind, write.id);
  write.expected_version = row->has_value() ? (*row)->version : below(3);
  if (chance(6)) write.expected_version += 1;
  write.head = Bytes(below(20), static_cast<std::uint8_t>(below(256)));
  command.objects = {write};
  return command;
}

Command CommandSource::unique_key() {
  Command command = new_command(EntryType::payment_state);
  const std::uint64_t key = chance(3) ? recent(last_key_, 50) : ++last_key_;
  command.uniques = {{UniqueTable{static_cast<std::uint8_t>(1 + below(2))}, numbered_key(key),
                      Bytes(below(10), 1)}};
  return command;
}

Command CommandSource::reserve_answer() {
  Command command = new_command(EntryType::payment_state);
  const std::uint64_t key = chance(4) ? recent(last_key_, 50) : ++last_key_;
  command.idempotency = IdempotencyWrite{
      numbered_key(key), numbered_key(below(20) == 0 ? 1 : key), false, numbered_id(key), 0, 0, {}};
  return command;
}

Command CommandSource::give_answer() {
  Command command = reserve_answer();
  if (chance(2)) command.idempotency->key = numbered_key(recent(last_key_, 20));
  command.idempotency->fingerprint = command.idempotency->key;
  command.idempotency->answered = true;
  command.idempotency->http_status = 201;
  command.idempotency->expires_at = clock_.now();
  command.idempotency->body = Bytes(below(50), 'x');
  return command;
}

Command CommandSource::events() {
  Command command = new_command(EntryType::payment_state);
  for (std::uint64_t i = 1 + below(3); i > 0; --i) {
    const std::uint64_t event = ++last_event_;
    command.events.push_back({numbered_id(event, 4), owner_id(1 + below(4)), ObjectKind{1},
                              numbered_id(event, 1), 1, "payment.captured", Bytes{'{', '}'}});
  }
  return command;
}

Command CommandSource::repeated() {
  if (history_.empty()) return audit();
  return history_[below(history_.size())];
}

Command CommandSource::same_id() {
  Command command = transfer();
  if (!chance(6)) command.entry_id = some_entry();
  return command;
}

Command CommandSource::malformed() {
  Command command = chance(2) ? authorize() : transfer();
  switch (below(10)) {
    case 0:
      command.postings[0].amount = 0;
      break;
    case 1:
      command.postings[1].account.asset = 1;
      break;
    case 2:
      command.postings[0].account.code = AccountCode{4242};
      break;
    case 3:
      command.clock = clock_.now();
      break;
    case 4:
      command.type = EntryType::genesis;
      break;
    case 5:
      command.type = static_cast<EntryType>(16 + below(100));
      break;
    case 6:
      command.postings[0].parent_owner = owner_id(1);
      break;
    case 7:
      command.holds.push_back({hold_id(1), HoldOperation::expire, kEuro, 0});
      break;
    case 8:
      command.lock_through = 5;
      break;
    default:
      break;
  }
  return command;
}

Command CommandSource::oversize() {
  Command command = object_create();
  switch (below(6)) {
    case 0:
      command.objects[0].head = Bytes(512 + below(2));
      break;
    case 1:
      command.objects[0].immutable = Bytes(24 * 1024 + below(2));
      break;
    case 2:
      command.note = std::string(200 + below(2), 'n');
      break;
    case 3:
      command.approvals.assign(8 + below(2), {person_id(1), Hash32{7}});
      break;
    case 4:
      command.uniques = {{UniqueTable{3}, numbered_key(++last_key_), Bytes(64 + below(2))}};
      break;
    default:
      for (std::uint64_t i = 0; i < 2 + below(2); ++i) {
        command.objects.push_back(
            {ObjectKind{1}, numbered_id(++last_object_, 1), 0, Bytes(24 * 1024), {}});
      }
      break;
  }
  return command;
}

}  // namespace florin::ledger::sim
