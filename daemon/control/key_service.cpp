#include "daemon/control/key_service.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "base/log.h"
#include "daemon/control/reseal.h"
#include "ledger/log_control.h"

namespace florin::control {
namespace {

namespace fs = std::filesystem;

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

Error write_error(const fs::path& path) {
  return Error(Errc::io_failure, {}, path.string() + ": " + std::strerror(errno));
}

// Whole and durable under its name, or not there.
Result<void> write_file(const fs::path& path, std::string_view text) {
  const fs::path part = path.string() + ".part";
  const int descriptor = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) return write_error(part);
  bool good = true;
  for (std::string_view rest = text; good && !rest.empty();) {
    const ssize_t written = ::write(descriptor, rest.data(), rest.size());
    good = written > 0;
    if (good) rest.remove_prefix(static_cast<std::size_t>(written));
  }
  good = good && ::fsync(descriptor) == 0;
  ::close(descriptor);
  if (!good || ::rename(part.c_str(), path.c_str()) != 0) return write_error(part);
  const int directory = ::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return write_error(path.parent_path());
  good = ::fsync(directory) == 0;
  ::close(directory);
  return good ? Result<void>() : write_error(path.parent_path());
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
    const auto roots = keyring_.roots();
    out["roots"] = std::count_if(roots.begin(), roots.end(), [&root](const auto& other) {
      return other.kek == root.kek && other.name.purpose != vault::Purpose::canary;
    });
    return out;
  }
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
  return need;
}

Result<void> KeyService::check_unneeded(const vault::RootInfo& root) const {
  FLORIN_TRY(const KeyNeed need, need_of(root.name));
  if (need.segments == 0 && need.records == 0) return {};
  return Error(
      Errc::state_conflict, "/parameters/key",
      fmt::format("{} is needed by {} segments of the books and {} records: what is posted "
                  "stays under its key",
                  root.name.text(), need.segments, need.records));
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
  return moved;
}

// The entry is durable before anybody is told.
Result<json::object> KeyService::conclude(const std::string& operation, const std::string& note,
                                          std::vector<RecordLine> lines,
                                          const ApprovedRequest& request) {
  lines.push_back({"keyring epoch", std::to_string(keyring_.epoch())});
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

Result<void> KeyService::resume() {
  const std::lock_guard lock(mutex_);
  for (const domain::Tenant& tenant : appliance_.tenants()) {
    if (tenant.active) continue;
    FLORIN_TRY_VOID(keyring_.destroy_owner(tenant.id));
  }
  for (const ledger::TenantLedger& ledger : appliance_.ledgers()) {
    if (ledger.keys->active_version() == 1) continue;
    // Older versions still open them, so this keeps nobody from serving.
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

Result<json::object> KeyService::rotate(const std::string& key, const ApprovedRequest& request) {
  const std::lock_guard lock(mutex_);
  if (key == "kek") {
    FLORIN_TRY(const std::uint32_t number, keyring_.rotate_kek(request.id));
    const std::string name = fmt::format("kek/{}", number);
    FLORIN_TRY(const vault::RootInfo made, find(name));
    return conclude("key.rotate", fmt::format("key rotated: {} check {}", name, made.check_value),
                    {{"new key", name},
                     {"check value of its canary", made.check_value},
                     {"to be wrapped anew", std::to_string(keyring_.left_to_rewrap())}},
                    request);
  }
  FLORIN_TRY(const vault::RootName base, vault::parse_root_name(key + "/1"));
  FLORIN_TRY(const std::uint32_t version, keyring_.rotate(base.tenant, request.id));
  FLORIN_TRY(const std::uint64_t moved, settle_owner(base.tenant));
  const std::string name = fmt::format("{}/{}", key, version);
  FLORIN_TRY(const vault::RootInfo made, find(name));
  return conclude("key.rotate", fmt::format("key rotated: {} check {}", name, made.check_value),
                  {{"new key", name},
                   {"check value", made.check_value},
                   {"secrets sealed anew", std::to_string(moved)}},
                  request);
}

Result<json::object> KeyService::rewrap(const ApprovedRequest& request) {
  const std::lock_guard lock(mutex_);
  std::size_t moved = 0;
  for (;;) {
    FLORIN_TRY(const std::size_t count, keyring_.rewrap());
    if (count == 0) break;
    moved += count;
  }
  return conclude(
      "key.rewrap", fmt::format("all keys wrapped under kek/{}", keyring_.kek()),
      {{"wrapped anew", std::to_string(moved)}, {"under", fmt::format("kek/{}", keyring_.kek())}},
      request);
}

Result<json::object> KeyService::revoke(const std::string& key, const std::string& state,
                                        const ApprovedRequest& request) {
  const std::lock_guard lock(mutex_);
  FLORIN_TRY(const vault::KeyState wanted, vault::parse_key_state(state));
  FLORIN_TRY(const vault::RootInfo root, find(key));
  if (root.name.purpose == vault::Purpose::canary) {
    if (wanted != vault::KeyState::destroyed) {
      return Error(Errc::state_conflict, "/parameters/state",
                   "a key-encryption key can only be destroyed");
    }
    FLORIN_TRY_VOID(keyring_.destroy_kek(root.name.version));
  } else {
    if (wanted != vault::KeyState::decrypt_only) FLORIN_TRY_VOID(check_unneeded(root));
    FLORIN_TRY_VOID(keyring_.change_state(root.name, wanted));
  }
  return conclude("key.revoke",
                  fmt::format("key {}: {} check {}", state, key,
                              root.check_value.empty() ? "-" : root.check_value),
                  {{"key", key}, {"from", std::string(key_state_name(root.state))}, {"to", state}},
                  request);
}

// In this order: the books say that it ends, nobody uses it any more, its keys are gone. A crash
// between the steps is completed by resume() or by the same request.
Result<json::object> KeyService::shred_tenant(const TenantId& tenant,
                                              const ApprovedRequest& request) {
  const std::lock_guard lock(mutex_);
  ledger::Command command = audit_command("tenant shredded: " + tenant.text(), "end", request);
  command.subject = tenant.value;
  FLORIN_TRY(std::vector<ledger::TenantLedger> closed,
             appliance_.end_tenant(tenant, std::move(command)));
  for (const ledger::TenantLedger& ledger : closed) sources_.let_go(ledger);
  std::string check_values;
  for (const vault::RootInfo& root : keyring_.roots()) {
    if (root.name.tenant == tenant && !root.check_value.empty()) {
      check_values += (check_values.empty() ? "" : " ") + root.check_value;
    }
  }
  FLORIN_TRY_VOID(keyring_.destroy_owner(tenant));
  log(LogLevel::notice, "tenant.shredded", {{"tenant", tenant.text()}});
  return conclude("key.shred-tenant", "keys destroyed: t/" + tenant.text(),
                  {{"tenant", tenant.text()},
                   {"ledgers closed", std::to_string(closed.size())},
                   {"check values of what was destroyed", check_values}},
                  request);
}

Result<json::object> KeyService::export_bundle(const ApprovedRequest& request) {
  const std::lock_guard lock(mutex_);
  if (sources_.bundle_directory.empty()) {
    return Error(Errc::config_invalid, "backup.directory",
                 "no directory for bundles is configured");
  }
  FLORIN_TRY(const vault::KeyBundle bundle, keyring_.bundle());
  std::error_code failure;
  fs::create_directories(sources_.bundle_directory, failure);
  if (failure) {
    return Error(Errc::io_failure, {},
                 sources_.bundle_directory.string() + ": " + failure.message());
  }
  const std::string text = vault::encode_bundle(bundle);
  const fs::path path =
      sources_.bundle_directory / fmt::format("keys-epoch-{:06}.bundle", keyring_.epoch());
  FLORIN_TRY_VOID(write_file(path, text));
  const std::string digest = to_hex(sha256(view_of(text)));
  return conclude(
      "key.bundle-export", "key bundle exported: sha256 " + digest,
      {{"file", path.string()}, {"sha256", digest}, {"keys", std::to_string(bundle.blobs.size())}},
      request);
}

}  // namespace florin::control
