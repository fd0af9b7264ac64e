// What can be told of a command by itself, and what its type asks for.
#include <algorithm>

#include "base/currency.h"
#include "ledger/chart.h"
#include "support/memory_ledger/judge.h"

namespace florin::ledger::model {
namespace {

constexpr std::size_t kKiB = 1024;

bool has_parent(AccountCode code) {
  return code == AccountCode::submerchant_payable;
}

void check_account(const AccountKey& key, Draft& draft) {
  if (!chart_row(key.code).has_value()) {
    draft.refuse(Errc::ledger_account_unusable, "account");
  }
  if (!Currency::from_number(key.asset).ok()) draft.refuse(Errc::currency_unknown, "asset");
}

void check_note(const std::string& note, Draft& draft) {
  if (note.size() > 200) draft.refuse(Errc::ledger_limit, "note");
  for (const char letter : note) {
    if (letter < 0x20 || letter > 0x7E) return draft.refuse(Errc::validation_failed, "note");
  }
}

void check_posting(const Posting& posting, Draft& draft) {
  if (posting.amount == 0) draft.refuse(Errc::amount_invalid, "amount");
  check_account(posting.account, draft);
  if (posting.side > Side::credit || posting.layer > Layer::pending) {
    draft.refuse(Errc::validation_failed, "postings");
  }
  if (!has_parent(posting.account.code) && !posting.parent_owner.is_nil()) {
    draft.refuse(Errc::validation_failed, "parent_owner", {Errc::ledger_account_unusable});
  }
}

void check_hold(const Command& command, const HoldChange& change, Draft& draft) {
  using enum HoldOperation;
  if (change.operation < open || change.operation > expire) {
    return draft.refuse(Errc::validation_failed, "holds");
  }
  const bool expires = change.operation == expire;
  if (change.amount == 0 && !expires) draft.refuse(Errc::amount_invalid, "amount");
  if (expires != (command.type == EntryType::expiry)) {
    draft.refuse(Errc::validation_failed, "holds");
  }
  if (expires && change.amount != 0) draft.open_question("an expiry that states its amount");
  if (!Currency::from_number(change.asset).ok()) draft.refuse(Errc::currency_unknown, "asset");
  const bool sets_time = change.operation == open || change.operation == increase;
  if (change.expires_at < 0 || (change.expires_at != 0 && !sets_time)) {
    draft.refuse(Errc::validation_failed, "expires_at");
  }
}

void check_object(const ObjectWrite& write, Draft& draft) {
  if (write.head.size() > 512) draft.refuse(Errc::ledger_limit, "head");
  if (!write.immutable.has_value()) return;
  if (write.immutable->size() > 24 * kKiB) draft.refuse(Errc::ledger_limit, "immutable");
  if (write.expected_version != 0) draft.refuse(Errc::validation_failed, "immutable");
}

void check_event(const Event& event, Draft& draft) {
  if (event.type.size() > 100) draft.refuse(Errc::ledger_limit, "event");
  if (event.data.size() > 20 * kKiB) {
    draft.refuse(Errc::ledger_limit, "event");
  } else if (event.data.size() > 16 * kKiB) {
    draft.open_question("event data between 16 and 20 KiB");
  }
}

bool stands_without_money(EntryType type) {
  using enum EntryType;
  return type == clock || type == period || type == account || type == recovery;
}

void check_account_changes(const Command& command, Draft& draft) {
  std::set<AccountKey> seen;
  for (const AccountChange& change : command.account_changes) {
    check_account(change.account, draft);
    if (change.flags > 15) draft.refuse(Errc::validation_failed, "flags");
    const AccountCode code = change.account.code;
    const bool flagless = code == AccountCode::suspense ||
                          code == AccountCode::authorization_memo ||
                          code == AccountCode::authorization_contra;
    if (flagless && change.flags != 0) {
      draft.refuse(Errc::validation_failed, "flags", {Errc::ledger_account_unusable});
    }
    if (flagless && change.flags == 0) draft.open_question("no flags for an account without any");
    if (!seen.insert(change.account).second)
      draft.refuse(Errc::validation_failed, "account_changes");
  }
}

void check_recovery(const Command& command, const RecoveryRecord& record, Draft& draft) {
  const bool restored = record.step == RecoveryStep::restored;
  if (restored && command.origin != Origin::system) {
    draft.refuse(Errc::validation_failed, "recovery", {Errc::permission_denied});
  }
  if (!restored && (record.signed_size != 0 || record.signed_root != Hash32{})) {
    draft.refuse(Errc::validation_failed, "recovery");
  }
}

}  // namespace

void check_form(const Command& command, Draft& draft) {
  if (command.type < EntryType::genesis || command.type > EntryType::recovery) {
    draft.refuse(Errc::validation_failed, "type");
  }
  if (command.origin > Origin::system) draft.refuse(Errc::validation_failed, "origin");
  check_note(command.note, draft);
  if (command.postings.size() > 20) draft.refuse(Errc::ledger_limit, "postings");
  if (command.approvals.size() > 8) draft.refuse(Errc::ledger_limit, "approvals");
  for (const Posting& posting : command.postings) check_posting(posting, draft);
  for (const HoldChange& change : command.holds) check_hold(command, change, draft);
  for (const ObjectWrite& write : command.objects) check_object(write, draft);
  for (const UniqueWrite& write : command.uniques) {
    if (write.value.size() > 64) draft.refuse(Errc::ledger_limit, "uniques");
  }
  if (command.idempotency.has_value()) {
    if (command.idempotency->body.size() > 16 * kKiB) draft.refuse(Errc::ledger_limit, "body");
    if (!command.idempotency->answered && !command.idempotency->body.empty()) {
      draft.open_question("a reservation with an answer");
    }
  }
  for (const Event& event : command.events) check_event(event, draft);
  check_fields_of_type(command, draft);
}

void check_fields_of_type(const Command& command, Draft& draft) {
  using enum EntryType;
  const EntryType type = command.type;
  const auto belongs = [&](bool given, EntryType owner, const char* field) {
    if (given != (type == owner)) draft.refuse(Errc::validation_failed, field);
  };
  belongs(command.reverses.has_value(), reversal, "reverses");
  belongs(!command.account_changes.empty(), account, "account_changes");
  belongs(command.lock_through.has_value(), period, "lock_through");
  belongs(command.clock.has_value(), clock, "clock");
  belongs(command.recovery.has_value(), recovery, "recovery");
  check_account_changes(command, draft);
  const bool has_money = !command.postings.empty() || !command.holds.empty();
  if (type == reversal && has_money) draft.refuse(Errc::validation_failed, "postings");
  if (type == expiry) {
    if (!command.postings.empty()) draft.refuse(Errc::validation_failed, "postings");
    if (command.holds.size() != 1) draft.refuse(Errc::validation_failed, "holds");
  }
  if (stands_without_money(type) && has_money) {
    draft.refuse(Errc::validation_failed, "postings");
  }
  const bool fact = command.origin == Origin::fact;
  if (type == adjustment && fact) draft.refuse(Errc::validation_failed, "origin");
  if (fact &&
      (type == period || type == clock || type == account || type == recovery || type == expiry)) {
    draft.open_question("a fact of a type that the ledger is asked for");
  }
  if (command.recovery.has_value()) check_recovery(command, *command.recovery, draft);
  if (command.clock.value_or(0) < 0) draft.open_question("a clock before 1970");
}

}  // namespace florin::ledger::model
