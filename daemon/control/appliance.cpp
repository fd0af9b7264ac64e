#include "daemon/control/appliance.h"

#include <fmt/format.h>

#include "daemon/control/name_key.h"
#include "daemon/control/projectors.h"
#include "daemon/control/record_store.h"
#include "ledger/describe.h"

namespace florin::control {
namespace {

namespace fs = std::filesystem;

// Directories of the books are for the daemon alone.
Result<void> make_directory(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (!error) fs::permissions(path, fs::perms::owner_all, error);
  if (error) {
    return Error(Errc::io_failure, {}, {}, fmt::format("{}: {}", path.string(), error.message()));
  }
  return {};
}

}  // namespace

Appliance::Appliance(ApplianceOptions options, vault::Keyring& keyring, const Clock& clock,
                     Entropy& entropy, LedgerObserver observer)
    : options_(std::move(options)),
      keyring_(keyring),
      clock_(clock),
      entropy_(entropy),
      observer_(std::move(observer)) {}

Result<std::unique_ptr<Appliance>> Appliance::open(ApplianceOptions options,
                                                   vault::Keyring& keyring, const Clock& clock,
                                                   Entropy& entropy, LedgerObserver observer) {
  std::unique_ptr<Appliance> appliance(
      new Appliance(std::move(options), keyring, clock, entropy, std::move(observer)));
  FLORIN_TRY_VOID(appliance->open_system());
  FLORIN_TRY_VOID(appliance->open_tenants());
  return appliance;
}

Result<void> Appliance::open_system() {
  FLORIN_TRY(system_keys_, keyring_.system_keys());
  const fs::path directory = options_.data_directory / "system" / "epoch-1";
  FLORIN_TRY_VOID(make_directory(directory));
  FLORIN_TRY(std::unique_ptr<ledger::Ledger> books,
             ledger::Ledger::open({.directory = directory,
                                   .tenant = {},
                                   .mode = ledger::Mode::system,
                                   .evaluation = options_.evaluation,
                                   .origin = options_.origin + "/system"},
                                  system_keys_, projectors(), clock_, entropy_));
  system_ = std::move(books);
  return check_stamp();
}

// An evaluation instance stays one: its keys, people and books were never meant for real money.
Result<void> Appliance::check_stamp() const {
  FLORIN_TRY_VOID(system_->catch_up());
  FLORIN_TRY(std::vector<ledger::EntryView> first, system_->entries(0, 1));
  if (first.empty()) return Error(Errc::ledger_corrupt, {}, {}, "the system ledger has no genesis");
  FLORIN_TRY(ledger::EntryDetails genesis, ledger::describe(first.front()));
  if (genesis.evaluation == options_.evaluation) return {};
  return Error(Errc::config_invalid, "instance.evaluation",
               genesis.evaluation ? "this instance was made for evaluation and stays so"
                                  : "this instance was not made for evaluation");
}

Result<void> Appliance::open_tenants() {
  FLORIN_TRY(std::vector<domain::Tenant> all,
             all_records<domain::Tenant>(*system_, domain::Kind::tenant, domain::decode_tenant));
  for (const domain::Tenant& tenant : all) {
    FLORIN_TRY(std::vector<ledger::TenantLedger> ledgers, open_ledgers(tenant.id));
    FLORIN_TRY_VOID(keep(tenant, ledgers));
  }
  return {};
}

Result<std::vector<ledger::TenantLedger>> Appliance::open_ledgers(const TenantId& tenant) {
  FLORIN_TRY(std::shared_ptr<const TenantKeys> keys, keyring_.keys_of(tenant));
  std::vector<ledger::TenantLedger> out;
  for (const ledger::Mode mode : {ledger::Mode::test, ledger::Mode::live}) {
    const std::string name(ledger::mode_name(mode));
    const fs::path directory =
        options_.data_directory / "tenants" / tenant.text() / name / "epoch-1";
    FLORIN_TRY_VOID(make_directory(directory));
    FLORIN_TRY(std::unique_ptr<ledger::Ledger> books,
               ledger::Ledger::open(
                   {.directory = directory,
                    .tenant = tenant.value,
                    .mode = mode,
                    .evaluation = options_.evaluation,
                    .origin = fmt::format("{}/{}/{}", options_.origin, tenant.text(), name)},
                   keys, projectors(), clock_, entropy_));
    out.push_back({tenant, mode, std::move(books), keys});
  }
  return out;
}

Result<void> Appliance::keep(const domain::Tenant& tenant,
                             const std::vector<ledger::TenantLedger>& ledgers) {
  for (const ledger::TenantLedger& ledger : ledgers) FLORIN_TRY_VOID(directory_.load(ledger));
  {
    const std::lock_guard lock(mutex_);
    tenants_.insert_or_assign(tenant.id, tenant);
    for (const ledger::TenantLedger& ledger : ledgers) {
      ledgers_.insert_or_assign({tenant.id, ledger.mode}, ledger);
    }
  }
  for (const ledger::TenantLedger& ledger : ledgers) observer_(ledger);
  return {};
}

Result<domain::Tenant> Appliance::create_tenant(const std::string& name, const std::string& display,
                                                Person person) {
  const std::lock_guard lock(create_mutex_);
  for (const domain::Tenant& known : tenants()) {
    if (known.name == name) {
      return Error(Errc::unique_violation, "/name", "another tenant has this name");
    }
  }
  domain::Tenant tenant{.id = {new_uuid(clock_, entropy_)},
                        .name = name,
                        .display = display,
                        .created_at = clock_.now()};
  // Root and ledgers first: a tenant in the system ledger can always be opened.
  FLORIN_TRY_VOID(keyring_.create_root({.tenant = tenant.id}));
  FLORIN_TRY(std::vector<ledger::TenantLedger> ledgers, open_ledgers(tenant.id));
  FLORIN_TRY(Key16 key, name_key(*system_keys_, ledger::Mode::system, name));
  FLORIN_TRY_VOID(append_record(*system_,
                                {.kind = domain::Kind::tenant,
                                 .id = tenant.id.value,
                                 .stored = domain::encode(tenant),
                                 .note = "tenant created",
                                 .uid = person.uid,
                                 .unique = {{domain::Unique::tenant_name, key}}},
                                clock_, entropy_));
  FLORIN_TRY_VOID(keep(tenant, ledgers));
  return tenant;
}

std::vector<domain::Tenant> Appliance::tenants() const {
  const std::lock_guard lock(mutex_);
  std::vector<domain::Tenant> out;
  out.reserve(tenants_.size());
  for (const auto& [id, tenant] : tenants_) out.push_back(tenant);
  return out;
}

Result<domain::Tenant> Appliance::tenant(std::string_view name_or_id) const {
  for (const domain::Tenant& tenant : tenants()) {
    if (tenant.name == name_or_id || tenant.id.text() == name_or_id) return tenant;
  }
  return Error(Errc::not_found, "tenant", "there is no such tenant");
}

Result<ledger::TenantLedger> Appliance::ledger_of(const TenantId& tenant, ledger::Mode mode) const {
  const std::lock_guard lock(mutex_);
  const auto found = ledgers_.find({tenant, mode});
  if (found == ledgers_.end()) return Error(Errc::not_found, "mode", "there is no such ledger");
  return found->second;
}

std::vector<ledger::TenantLedger> Appliance::ledgers() const {
  const std::lock_guard lock(mutex_);
  std::vector<ledger::TenantLedger> out;
  out.reserve(ledgers_.size());
  for (const auto& [key, ledger] : ledgers_) out.push_back(ledger);
  return out;
}

}  // namespace florin::control
