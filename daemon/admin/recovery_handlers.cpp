// Backups, and what follows a restore.
#include "daemon/admin/body.h"
#include "daemon/admin/handlers.h"

namespace florin::admin {
namespace {

Result<control::BackupService*> backups_of(const Call& call) {
  control::BackupService* const backups = call.machine.backups();
  if (backups == nullptr) return call.machine.not_serving();
  return backups;
}

}  // namespace

Result<http::Response> get_backups(const Call& call) {
  FLORIN_TRY(const control::BackupService* backups, backups_of(call));
  FLORIN_TRY(json::array items, backups->list());
  return list_document("florin.backup.list/1", std::move(items));
}

Result<http::Response> post_backup(const Call& call) {
  FLORIN_TRY(control::BackupService * backups, backups_of(call));
  FLORIN_TRY_VOID(read_texts(call.request, {}));
  FLORIN_TRY(json::object begun, backups->start(call.person));
  return document(201, "florin.backup.create/1", begun);
}

Result<http::Response> post_reopening(const Call& call) {
  control::Reopening* const reopening = call.machine.reopening();
  if (reopening == nullptr) return call.machine.not_serving();
  FLORIN_TRY(std::vector<std::string> texts,
             read_texts(call.request, {{"ledger", 64}, {"reason", 200}}));
  FLORIN_TRY(control::Reopening::Outcome outcome,
             reopening->order(texts[0], texts[1], call.person));
  return document(outcome.reopened ? 200 : 202, "florin.ledger.reopen/1", outcome.document);
}

}  // namespace florin::admin
