// The end of a data subject's key.
#include <fmt/format.h>

#include "base/log.h"
#include "daemon/control/key_service.h"
#include "daemon/control/subject_records.h"
#include "daemon/domain/kinds.h"

namespace florin::control {
namespace {

// The books of the tenant say it first; a repetition finds that they did.
Result<void> note_erasure(const ledger::TenantLedger& ledger, domain::Subject subject,
                          UnixNanos now, const ApprovedRequest& request) {
  if (subject.erased()) return {};
  subject.erased_at = now;
  ledger::Command command =
      audit_command("subject erased: " + subject.id.text(), "subject", request);
  command.subject = subject.id.value;
  command.objects.push_back({.kind = static_cast<ledger::ObjectKind>(domain::Kind::subject),
                             .id = subject.id.value,
                             .expected_version = subject.version,
                             .immutable = std::nullopt,
                             .head = domain::encode(subject).head});
  std::vector<ledger::Command> commands;
  commands.push_back(std::move(command));
  FLORIN_TRY_VOID(std::move(ledger.books->append(std::move(commands)).front()));
  return ledger.books->catch_up();
}

}  // namespace

Result<ledger::TenantLedger> KeyService::subject_ledger(const std::string& tenant,
                                                        const std::string& mode) const {
  FLORIN_TRY(const domain::Tenant found, appliance_.tenant(tenant));
  if (mode != "test" && mode != "live") {
    return Error(Errc::malformed_value, "mode", "expected test or live");
  }
  return appliance_.ledger_of(found.id, mode == "live" ? ledger::Mode::live : ledger::Mode::test);
}

Result<void> KeyService::check_erasable(const ledger::TenantLedger& ledger,
                                        const domain::SubjectId& id) const {
  FLORIN_TRY_VOID(ledger.books->catch_up());
  FLORIN_TRY(const domain::Subject subject, subject_of(*ledger.books, id));
  if (subject.erased()) {
    return Error(Errc::state_conflict, "/parameters/subject",
                 "was erased at " + to_rfc3339(subject.erased_at));
  }
  return check_settled(*ledger.books, id);
}

// In this order: the books say that he is erased, and nobody shows his data from then on; his key
// is gone; the bundle that replaces those which still have it is written. A crash in between is
// completed by resume() or by the same request.
Result<json::object> KeyService::shred_subject(const ledger::TenantLedger& ledger,
                                               const domain::SubjectId& id,
                                               const ApprovedRequest& request) {
  const std::lock_guard lock(mutex_);
  FLORIN_TRY_VOID(ledger.books->catch_up());
  FLORIN_TRY(const domain::Subject subject, subject_of(*ledger.books, id));
  if (!subject.erased()) FLORIN_TRY_VOID(check_settled(*ledger.books, id));
  FLORIN_TRY_VOID(note_erasure(ledger, subject, clock_.now(), request));
  FLORIN_TRY_VOID(keyring_.destroy_subjects(subject_books_of(ledger), {subject.slot}));
  std::string bundle = "none: no directory is configured";
  if (!sources_.bundle_directory.empty()) {
    FLORIN_TRY(const WrittenBundle written, write_bundle());
    bundle = written.file.string();
  }
  const std::string where =
      fmt::format("{}/{}", ledger.tenant.text(), ledger::mode_name(ledger.mode));
  log(LogLevel::notice, "subject.shredded", {{"ledger", where}, {"subject", id.text()}});
  return conclude("key.shred-subject", fmt::format("key destroyed: {} of {}", id.text(), where),
                  {{"ledger", where}, {"subject", id.text()}, {"new key bundle", bundle}}, request);
}

// What an older key bundle brought back is destroyed again: the books decide.
Result<void> KeyService::resume_subjects() {
  for (const ledger::TenantLedger& ledger : appliance_.ledgers()) {
    const vault::SubjectBooks books = subject_books_of(ledger);
    FLORIN_TRY(const auto source, keyring_.subjects_of(books.first, books.second));
    FLORIN_TRY(const std::vector<std::uint64_t> erased, erased_slots(*ledger.books));
    std::vector<std::uint64_t> left;
    for (const std::uint64_t slot : erased) {
      FLORIN_TRY(const bool gone, source->is_gone(slot));
      if (!gone) left.push_back(slot);
    }
    if (left.empty()) continue;
    FLORIN_TRY(const std::size_t count, keyring_.destroy_subjects(books, left));
    log(LogLevel::notice, "subject.shredding_resumed",
        {{"tenant", ledger.tenant.text()}, {"keys", count}});
  }
  return {};
}

}  // namespace florin::control
