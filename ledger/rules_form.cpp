#include <algorithm>
#include <string>

#include "base/currency.h"
#include "ledger/chart.h"
#include "ledger/limits.h"
#include "ledger/rules.h"

namespace florin::ledger {
namespace {

Error too_large(const char* field) {
  return Error(Errc::ledger_limit, field, "The value is larger than the ledger takes.");
}

Error malformed(const char* field, const char* message) {
  return Error(Errc::validation_failed, field, message);
}

Result<void> check_header(const Command& command) {
  if (entry_type_name(command.type) == "unknown") return malformed("type", "Unknown entry type.");
  if (command.origin > Origin::system) return malformed("origin", "Unknown origin.");
  if (command.actor.kind > ActorKind::person) return malformed("actor", "Unknown kind of actor.");
  if (command.entry_id.is_nil()) return malformed("entry_id", "An entry needs an id.");
  if (command.note.size() > verify::kMaxNoteBytes) return too_large("note");
  const bool printable = std::all_of(command.note.begin(), command.note.end(),
                                     [](char letter) { return letter >= ' ' && letter <= '~'; });
  if (!printable) return malformed("note", "A note is printable ASCII.");
  return {};
}

Result<void> check_posting(const Posting& posting) {
  if (posting.amount == 0) {
    return Error(Errc::amount_invalid, "postings", "A posting needs an amount above zero.");
  }
  if (posting.side > Side::credit || posting.layer > Layer::pending) {
    return malformed("postings", "Unknown side or layer.");
  }
  if (!chart_row(posting.account.code).has_value()) {
    return Error(Errc::ledger_account_unusable, "postings",
                 "Account " + std::to_string(static_cast<unsigned>(posting.account.code)) +
                     " is not in the chart.");
  }
  FLORIN_TRY_VOID(Currency::from_number(posting.account.asset));
  if (!chart_row(posting.account.code)->parent.has_value() && !posting.parent_owner.is_nil()) {
    return malformed("postings.parent_owner", "Accounts of this code have no parent.");
  }
  return {};
}

Result<void> check_hold(const Command& command, const HoldChange& change) {
  if (change.operation < HoldOperation::open || change.operation > HoldOperation::expire) {
    return malformed("holds", "Unknown operation on a hold.");
  }
  const bool expires = change.operation == HoldOperation::expire;
  if (expires != (command.type == EntryType::expiry)) {
    return malformed("holds", "Holds expire by entries of type expiry, and by no others.");
  }
  if (expires != (change.amount == 0)) {
    return Error(Errc::amount_invalid, "holds",
                 expires ? "What expires is filled in by the ledger."
                         : "A hold changes by an amount above zero.");
  }
  const bool dates =
      change.operation == HoldOperation::open || change.operation == HoldOperation::increase;
  if (change.expires_at < 0 || (change.expires_at != 0 && !dates)) {
    return malformed("holds.expires_at", "Only an opened or increased hold gets a time.");
  }
  FLORIN_TRY_VOID(Currency::from_number(change.asset));
  return {};
}

Result<void> check_object(const ObjectWrite& object) {
  if (object.head.size() > kMaxHeadBytes) return too_large("objects.head");
  if (!object.immutable.has_value()) return {};
  if (object.immutable->size() > kMaxImmutableBytes) return too_large("objects.immutable");
  if (object.expected_version != 0) {
    return malformed("objects.immutable", "Only a created object has an immutable part.");
  }
  return {};
}

Result<void> check_event(const Event& event) {
  if (event.type.empty() || event.type.size() > kMaxEventTypeBytes) return too_large("events.type");
  if (event.data.size() > kMaxEventBytes) return too_large("events.data");
  return {};
}

}  // namespace

Result<void> check_form(const Command& command) {
  FLORIN_TRY_VOID(check_header(command));
  FLORIN_TRY_VOID(check_type_form(command));
  if (command.postings.size() > verify::kMaxPostings) return too_large("postings");
  for (const Posting& posting : command.postings) FLORIN_TRY_VOID(check_posting(posting));
  for (const HoldChange& change : command.holds) FLORIN_TRY_VOID(check_hold(command, change));
  for (const ObjectWrite& object : command.objects) FLORIN_TRY_VOID(check_object(object));
  for (const UniqueWrite& unique : command.uniques) {
    if (unique.value.size() > kMaxUniqueValueBytes) return too_large("uniques.value");
  }
  if (command.idempotency.has_value()) {
    if (command.idempotency->body.size() > kMaxAnswerBytes) return too_large("idempotency.body");
    if (!command.idempotency->answered && !command.idempotency->body.empty()) {
      return malformed("idempotency.body", "A reservation has no answer.");
    }
  }
  for (const Event& event : command.events) FLORIN_TRY_VOID(check_event(event));
  return {};
}

}  // namespace florin::ledger
