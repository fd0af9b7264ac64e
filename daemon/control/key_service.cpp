#include "daemon/control/key_service.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "daemon/control/reseal.h"
#include "ledger/log_control.h"

namespace florin::control {
namespace {

constexpr std::string_view kKekPrefix = "kek/";

std::string shown_name(const vault::RootName& name) {
  return name.purpose == vault::Purpose::canary ? fmt::format("{}{}", kKekPrefix, name.version)
                                                : name.text();
}

json::object document_of(const vault::RootInfo& root) {
  json::object out{{"name", shown_name(root.name)}, {"state", key_state_name(root.state)}};
  if (root.kek != 0 && root.name.purpose != vault::Purpose::canary) {
    out["kek"] = fmt::format("{}{}", kKekPrefix, root.kek);
  }
  if (root.created_at != 0) out["created_at"] = to_rfc3339(root.created_at);
  if (!root.check_value.empty()) out["check_value"] = root.check_value;
  if (!root.request.is_nil()) out["request"] = RequestId{root.request}.text();
  return out;
}

}  // namespace

KeyService::KeyService(KeySources sources, Appliance& appliance, vault::Keyring& keyring,
                       const Clock& clock, Entropy& entropy)
    : sources_(std::move(sources)),
      appliance_(appliance),
      keyring_(keyring),
      clock_(clock),
      entropy_(entropy) {}

json::array KeyService::list() const {
  json::array out;
  for (const vault::RootInfo& root : keyring_.roots()) out.emplace_back(document_of(root));
  return out;
}

Result<vault::RootInfo> KeyService::find(std::string_view name) const {
  for (vault::RootInfo& root : keyring_.roots()) {
    if (shown_name(root.name) == name) return std::move(root);
  }
  return Error(Errc::not_found, "key", "there is no such key");
}

Result<json::object> KeyService::show(std::string_view name) const {
  FLORIN_TRY(const vault::RootInfo root, find(name));
  json::object out = document_of(root);
  if (root.state == vault::KeyState::destroyed) return out;
  if (root.name.purpose == vault::Purpose::canary) {
    out["roots"] = keyring_.wrapped_by(root.name.version);
    return out;
  }
  // All digests of the owner hang from an index root, and nobody counts them.
  if (root.name.purpose != vault::Purpose::general) return out;
  FLORIN_TRY(const KeyNeed need, need_of(root.name));
  out["segments"] = need.segments;
  out["records"] = need.records;
  return out;
}

Result<json::object> KeyService::verify() {
  FLORIN_TRY(const vault::KeyringReport report, keyring_.verify());
  json::array keks;
  for (const std::uint32_t kek : report.keks) keks.emplace_back(fmt::format("kek/{}", kek));
  return json::object{{"ok", true},
                      {"epoch", report.epoch},
                      {"roots_opened", report.roots},
                      {"canaries_opened", std::move(keks)},
                      {"manifest", "signed, sealed and complete"},
                      {"signature", "made and verified"},
                      {"subject_pools", report.subjects.pools},
                      {"subject_keys", report.subjects.keys},
                      {"subject_keys_destroyed", report.subjects.destroyed},
                      {"left_to_rewrap", keyring_.left_to_rewrap()}};
}

std::vector<std::shared_ptr<ledger::Ledger>> KeyService::books_of(
    const std::optional<TenantId>& owner) const {
  if (!owner.has_value()) return {appliance_.system_ledger()};
  std::vector<std::shared_ptr<ledger::Ledger>> out;
  for (const ledger::TenantLedger& ledger : appliance_.ledgers()) {
    if (ledger.tenant == *owner) out.push_back(ledger.books);
  }
  return out;
}

Result<KeyNeed> KeyService::need_of(const vault::RootName& name) const {
  KeyNeed need;
  if (name.purpose != vault::Purpose::general) return need;
  for (const auto& books : books_of(name.tenant)) {
    if (const ledger::LogControl* const control = ledger::log_control(*books)) {
      const auto versions = control->key_versions();
      const auto found = versions.find(name.version);
      if (found != versions.end()) need.segments += found->second;
    }
    if (!name.tenant.has_value()) continue;
    FLORIN_TRY(const std::uint64_t records, count_sealed(*books, name.version));
    need.records += records;
  }
  if (name.tenant.has_value()) {
    FLORIN_TRY(const vault::SubjectReport subjects, keyring_.subject_report(name.tenant));
    const auto pools = subjects.versions.find(name.version);
    if (pools != subjects.versions.end()) need.records += pools->second;
  }
  return need;
}

Result<void> KeyService::check_revocation(const vault::RootName& name, vault::KeyState to) const {
  if (const auto may = keyring_.may_change(name, to); !may.ok()) {
    return Error(may.error().code(), "/parameters/key", may.error().message());
  }
  if (to == vault::KeyState::decrypt_only) return {};
  FLORIN_TRY(const KeyNeed need, need_of(name));
  if (need.segments == 0 && need.records == 0) return {};
  return Error(
      Errc::state_conflict, "/parameters/key",
      fmt::format("{} is needed by {} segments of the books and {} records: what is posted "
                  "stays under its key",
                  name.text(), need.segments, need.records));
}

Result<std::string> KeyService::canonical_key(const std::string& text) const {
  if (text == "kek") return text;
  if (text == "system" || text == "sys/gen") return std::string("sys/gen");
  std::string name = text;
  constexpr std::string_view front = "t/";
  constexpr std::string_view back = "/gen";
  if (name.starts_with(front) && name.ends_with(back)) {
    name = name.substr(front.size(), name.size() - front.size() - back.size());
  }
  FLORIN_TRY(const domain::Tenant tenant, appliance_.tenant(name));
  return fmt::format("t/{}/gen", tenant.id.text());
}

// New segments for what is new, new seals for secrets that can have them.
Result<std::uint64_t> KeyService::settle_owner(const std::optional<TenantId>& owner) {
  for (const auto& books : books_of(owner)) {
    if (ledger::LogControl* const control = ledger::log_control(*books)) {
      FLORIN_TRY_VOID(control->rotate());
    }
  }
  std::uint64_t moved = 0;
  for (const ledger::TenantLedger& ledger : appliance_.ledgers()) {
    if (!owner.has_value() || ledger.tenant != *owner) continue;
    FLORIN_TRY(const std::uint64_t count, appliance_.reseal(ledger));
    moved += count;
  }
  if (owner.has_value()) FLORIN_TRY_VOID(keyring_.reseal_subjects(*owner));
  return moved;
}

// The entry is durable before anybody is told.
Result<json::object> KeyService::conclude(const std::string& operation, const std::string& note,
                                          std::vector<RecordLine> lines,
                                          const ApprovedRequest& request) {
  if (lines.empty() || lines.back().what != kKeyringEpoch) {
    lines.push_back({kKeyringEpoch, std::to_string(keyring_.epoch())});
  }
  std::vector<ledger::Command> commands;
  commands.push_back(audit_command(note, "done", request));
  const auto kept = std::move(appliance_.system_ledger()->append(std::move(commands)).front());
  // A run that crashed behind its entry has written it, perhaps with other counts.
  if (!kept.ok() && kept.error().code() != Errc::duplicate_entry) return kept.error();
  json::object out;
  for (const RecordLine& line : lines) {
    std::string name = line.what;
    std::replace(name.begin(), name.end(), ' ', '_');
    std::replace(name.begin(), name.end(), '-', '_');
    out[name] = line.value;
  }
  out["record"] = ceremony_record(operation, request, clock_.now(), lines);
  return out;
}

// Books and keys are restored apart, so either may be behind the other.
Result<void> KeyService::complete_end(const TenantId& tenant) {
  if (keyring_.has_ended(tenant)) {
    ledger::Command command;
    command.entry_id = new_uuid(clock_, entropy_);
    command.type = ledger::EntryType::audit;
    command.origin = ledger::Origin::system;
    command.subject = tenant.value;
    command.note = "tenant ended, its keys were destroyed before: " + tenant.text();
    FLORIN_TRY_VOID(appliance_.end_tenant(tenant, std::move(command)));
    return {};
  }
  auto destroyed = keyring_.destroy_owner(tenant);
  // What the keyring never had is gone as well.
  if (!destroyed.ok() && destroyed.error().code() == Errc::not_found) return {};
  return destroyed;
}

Result<void> KeyService::resume() {
  const std::lock_guard lock(mutex_);
  for (const domain::Tenant& tenant : appliance_.tenants()) {
    if (tenant.active) continue;
    FLORIN_TRY_VOID(complete_end(tenant.id));
  }
  // Nobody shows what the books call erased, so this keeps nobody from serving either.
  if (const auto resumed = resume_subjects(); !resumed.ok()) {
    log_error("subject.shredding_not_resumed", resumed.error());
  }
  for (const ledger::TenantLedger& ledger : appliance_.ledgers()) {
    if (ledger.keys->active_version() == 1) continue;
    // Older versions still open them, so this keeps nobody from serving.
    if (const auto pools = keyring_.reseal_subjects(ledger.tenant); !pools.ok()) {
      log_error("key.reseal_failed", pools.error(), {{"tenant", ledger.tenant.text()}});
    }
    const auto moved = appliance_.reseal(ledger);
    if (!moved.ok()) {
      log_error("key.reseal_failed", moved.error(), {{"tenant", ledger.tenant.text()}});
    } else if (*moved > 0) {
      log(LogLevel::notice, "key.reseal_resumed",
          {{"tenant", ledger.tenant.text()}, {"records", *moved}});
    }
  }
  return {};
}

}  // namespace florin::control
