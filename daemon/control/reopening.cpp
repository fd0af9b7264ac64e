#include "daemon/control/reopening.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.h"
#include "base/log.h"
#include "daemon/control/audit_note.h"
#include "daemon/control/record_store.h"

namespace florin::control {
namespace {

constexpr UnixNanos kLifetime_ns = 24 * 3600 * kNanosPerSecond;
constexpr std::size_t kMaxReasonBytes = 120;

Result<void> check_reason(const std::string& reason) {
  const bool printable = std::all_of(reason.begin(), reason.end(),
                                     [](char letter) { return letter >= ' ' && letter <= '~'; });
  if (printable && !reason.empty() && reason.size() <= kMaxReasonBytes) return {};
  return Error(Errc::malformed_value, "/reason", "expected 1 to 120 printable ASCII characters");
}

// What both people approve. The origin names the ledger and the restore.
std::string canonical_text(const std::string& origin, std::uint32_t uid, UnixNanos at,
                           const std::string& reason) {
  return fmt::format("ledger-reopen/1\nledger {}\nrequested-by {}\nrequested-at {}\nreason {}\n",
                     origin, uid, to_rfc3339(at), reason);
}

}  // namespace

Result<std::shared_ptr<ledger::Ledger>> Reopening::find(const std::string& ledger) const {
  if (ledger == "system") return appliance_.system_ledger();
  const std::size_t slash = ledger.find('/');
  const Error missing(Errc::not_found, "/ledger", "expected system or TENANT/MODE");
  if (slash == std::string::npos) return missing;
  const auto mode = ledger::parse_mode(ledger.substr(slash + 1));
  if (!mode.ok()) return missing;
  FLORIN_TRY(const domain::Tenant tenant, appliance_.tenant(ledger.substr(0, slash)));
  FLORIN_TRY(const ledger::TenantLedger found, appliance_.ledger_of(tenant.id, *mode));
  return found.books;
}

Result<Reopening::Outcome> Reopening::order(const std::string& ledger, const std::string& reason,
                                            Person person) {
  FLORIN_TRY_VOID(check_reason(reason));
  FLORIN_TRY(const auto books, find(ledger));
  const std::lock_guard lock(mutex_);
  FLORIN_TRY(const ledger::BooksState state, books->books_state());
  if (!state.recovering) {
    return Error(Errc::state_conflict, {}, "the ledger is open: there is nothing to reopen");
  }
  // Name and identifier of a tenant mean the same ledger.
  const std::string key = books->options().directory.string();
  const auto waiting = waiting_.find(key);
  const bool fits = waiting != waiting_.end() && waiting->second.until > clock_.now() &&
                    waiting->second.origin == books->options().origin;
  if (!fits) return begin(ledger, *books, reason, person);
  if (waiting->second.person.uid == person.uid) {
    return Error(Errc::permission_denied, {},
                 "you gave this order already, so somebody else has to give it too");
  }
  // What the second person approves is what the first one asked for, word for word.
  if (waiting->second.reason != reason) {
    return Error(Errc::malformed_value, "/reason",
                 "the order that waits gives another reason: " + waiting->second.reason);
  }
  FLORIN_TRY(Outcome outcome, carry_out(ledger, *books, waiting->second, person));
  waiting_.erase(waiting);
  return outcome;
}

Result<Reopening::Outcome> Reopening::begin(const std::string& ledger, ledger::Ledger& books,
                                            const std::string& reason, Person person) {
  const UnixNanos now = clock_.now();
  const std::string& origin = books.options().origin;
  const Waiting waiting{
      .person = person,
      .until = now + kLifetime_ns,
      .origin = origin,
      .reason = reason,
      .request = sha256(view_of(canonical_text(origin, person.uid, now, reason)))};
  FLORIN_TRY_VOID(append_note(
      *appliance_.system_ledger(),
      fmt::format("reopening asked for: {} request {}", ledger, to_hex(waiting.request)),
      person.uid, clock_, entropy_));
  waiting_.insert_or_assign(books.options().directory.string(), waiting);
  log(LogLevel::notice, "ledger.reopening_requested", {{"ledger", ledger}, {"uid", person.uid}});
  return Outcome{.reopened = false,
                 .document = {{"ledger", ledger},
                              {"state", "waiting"},
                              {"code", "approval-pending"},
                              {"detail",
                               "recorded; another person has to give the same order within 24 "
                               "hours"},
                              {"request", to_hex(waiting.request)},
                              {"expires_at", to_rfc3339(waiting.until)}}};
}

Result<Reopening::Outcome> Reopening::carry_out(const std::string& ledger, ledger::Ledger& books,
                                                const Waiting& waiting, Person person) {
  ledger::Command command;
  command.entry_id = new_uuid(clock_, entropy_);
  command.type = ledger::EntryType::recovery;
  command.actor = person_actor(person.uid);
  command.note = waiting.reason;
  command.recovery = ledger::RecoveryRecord{.step = ledger::RecoveryStep::reopened};
  for (const Person& each : {waiting.person, person}) {
    command.approvals.push_back({person_actor(each.uid).id, waiting.request});
  }
  std::vector<ledger::Command> commands;
  commands.push_back(std::move(command));
  FLORIN_TRY_VOID(std::move(books.append(std::move(commands)).front()));
  log(LogLevel::notice, "ledger.reopened", {{"ledger", ledger}, {"uid", person.uid}});
  FLORIN_TRY_VOID(
      append_note(*appliance_.system_ledger(),
                  fmt::format("reopened: {} request {}", ledger, to_hex(waiting.request)),
                  person.uid, clock_, entropy_));
  return Outcome{.reopened = true,
                 .document = {{"ledger", ledger},
                              {"state", "open"},
                              {"requested_by", waiting.person.uid},
                              {"approved_by", person.uid},
                              {"reason", waiting.reason},
                              {"request", to_hex(waiting.request)}}};
}

}  // namespace florin::control
