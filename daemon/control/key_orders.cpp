// What KeyService carries out for two people.
#include <fmt/format.h>

#include "base/log.h"
#include "daemon/control/key_service.h"
#include "ledger/files.h"

namespace florin::control {
namespace {

namespace fs = std::filesystem;

// Whole and durable under its name, or not there.
Result<void> write_file(const fs::path& path, std::string_view text) {
  const auto written = ledger::write_file(path, text);
  if (written.ok()) return {};
  // An operator has to learn which disk is full.
  return Error(written.error().code(), {}, written.error().detail());
}

}  // namespace

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
  FLORIN_TRY_VOID(check_revocation(root.name, wanted));
  if (root.name.purpose == vault::Purpose::canary) {
    FLORIN_TRY_VOID(keyring_.destroy_kek(root.name.version));
  } else {
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

Result<KeyService::WrittenBundle> KeyService::write_bundle() const {
  if (sources_.bundle_directory.empty()) {
    return Error(Errc::config_invalid, "backup.directory",
                 "no directory for bundles is configured");
  }
  FLORIN_TRY(const vault::KeyBundle bundle, keyring_.bundle());
  // Of this bundle: a tenant made meanwhile is not in it.
  FLORIN_TRY(const vault::Manifest manifest, vault::decode_manifest(bundle.manifest.text));
  std::error_code failure;
  fs::create_directories(sources_.bundle_directory, failure);
  if (failure) {
    return Error(Errc::io_failure, {},
                 sources_.bundle_directory.string() + ": " + failure.message());
  }
  const std::string text = vault::encode_bundle(bundle);
  const fs::path path =
      sources_.bundle_directory / fmt::format("keys-epoch-{:06}.bundle", manifest.epoch);
  FLORIN_TRY_VOID(write_file(path, text));
  return WrittenBundle{path, to_hex(sha256(view_of(text))), bundle.blobs.size(), manifest.epoch};
}

Result<json::object> KeyService::export_bundle(const ApprovedRequest& request) {
  const std::lock_guard lock(mutex_);
  FLORIN_TRY(const WrittenBundle written, write_bundle());
  return conclude("key.bundle-export", "key bundle exported: sha256 " + written.sha256,
                  {{"file", written.file.string()},
                   {"sha256", written.sha256},
                   {"keys", std::to_string(written.keys)},
                   {kKeyringEpoch, std::to_string(written.epoch)}},
                  request);
}

}  // namespace florin::control
