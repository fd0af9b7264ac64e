#include "daemon/control/key_audit.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ids.h"

namespace florin::control {
namespace {

Uuid entry_of(const ApprovedRequest& request, std::string_view step) {
  const Hash32 whole = sha256({request.id.view(), request.digest, view_of(step)});
  return Uuid::from(BytesView(whole).first(16));
}

void add(std::string& text, std::string_view what, std::string_view value) {
  text += fmt::format("{:<34} {}\n", what, value);
}

}  // namespace

ledger::Command audit_command(std::string note, std::string_view step,
                              const ApprovedRequest& request) {
  ledger::Command command;
  command.entry_id = entry_of(request, step);
  command.type = ledger::EntryType::audit;
  command.subject = request.id;
  if (!request.people.empty()) {
    command.actor = {ledger::ActorKind::person, request.people.front()};
  }
  command.note = std::move(note);
  for (const Uuid& person : request.people) command.approvals.push_back({person, request.digest});
  return command;
}

std::string ceremony_record(const std::string& operation, const ApprovedRequest& request,
                            UnixNanos executed_at, const std::vector<RecordLine>& lines) {
  std::string text = "RECORD OF A KEY CEREMONY\n\n";
  add(text, "operation", operation);
  add(text, "request", RequestId{request.id}.text());
  add(text, "digest of the request", to_hex(request.digest));
  add(text, "requested", to_rfc3339(request.requested_at));
  add(text, "executed", to_rfc3339(executed_at));
  add(text, "reason", request.reason);
  text += "\n";
  for (const RecordLine& line : lines) add(text, line.what, line.value);
  text += "\n";
  for (std::size_t i = 0; i < request.people.size(); ++i) {
    add(text, i == 0 ? "requested by" : "approved by", request.people[i].text());
    text += "\n    signature  ______________________________  date  ______________\n";
  }
  return text;
}

}  // namespace florin::control
