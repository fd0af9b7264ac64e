// Backups.
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

}  // namespace florin::admin
