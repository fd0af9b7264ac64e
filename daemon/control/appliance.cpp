#include "daemon/control/appliance.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "daemon/control/name_key.h"
#include "daemon/control/projectors.h"
#include "daemon/control/record_store.h"
#include "daemon/control/reseal.h"
#include "daemon/control/subject_records.h"
#include "ledger/describe.h"
#include "ledger/log_control.h"

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
  FLORIN_TRY_VOID(appliance->check_complete());
  return appliance;
}

ledger::OpenOptions Appliance::ledger_options(const fs::path& directory, const Uuid& tenant,
                                              ledger::Mode mode, std::string origin) const {
  ledger::OpenOptions out;
  out.directory = directory;
  out.tenant = tenant;
  out.mode = mode;
  out.evaluation = options_.evaluation;
  out.checkpoint_key_der = options_.checkpoint_key_der;
  // Under the origin that it was signed with last, which a restore changed.
  for (const auto& [anchored, head] : options_.anchors) {
    if (ledger::is_origin_of(anchored, origin)) out.anchor = head;
  }
  out.origin = std::move(origin);
  return out;
}

// Whoever takes the anchor away by pretending a restore gets books that say so and are not open.
Result<std::unique_ptr<ledger::Ledger>> Appliance::open_books(
    const fs::path& directory, const Uuid& tenant, ledger::Mode mode, const std::string& origin,
    std::shared_ptr<const TenantKeys> keys) const {
  FLORIN_TRY(auto books, ledger::Ledger::open(ledger_options(directory, tenant, mode, origin),
                                              std::move(keys), projectors(), clock_, entropy_));
  if (auto* const control = ledger::log_control(*books)) control->share_room(room_);
  if (options_.restored && books->options().origin == origin) {
    return Error(
        Errc::ledger_mismatch, {},
        fmt::format("The data directory is marked as restored, the ledger {} was not.", origin));
  }
  return books;
}

// A ledger that was anchored cannot just not be there.
Result<void> Appliance::check_complete() const {
  std::set<std::string> opened = {system_->options().origin};
  for (const ledger::TenantLedger& ledger : ledgers()) {
    opened.insert(ledger.books->options().origin);
  }
  for (const auto& [origin, head] : options_.anchors) {
    if (opened.contains(origin) || has_ended(origin)) continue;
    return Error(
        Errc::ledger_mismatch, {},
        fmt::format("The ledger {}, anchored with {} entries, is not there.", origin, head.size));
  }
  return {};
}

// Of a tenant whose keys were destroyed: the system ledger says so.
bool Appliance::has_ended(const std::string& origin) const {
  const std::vector<domain::Tenant> known = tenants();
  return std::any_of(known.begin(), known.end(), [&](const domain::Tenant& tenant) {
    return !tenant.active &&
           (ledger::is_origin_of(origin, origin_of(tenant.id, ledger::Mode::test)) ||
            ledger::is_origin_of(origin, origin_of(tenant.id, ledger::Mode::live)));
  });
}

Result<void> Appliance::open_system() {
  FLORIN_TRY(system_keys_, keyring_.system_keys());
  const fs::path directory = options_.data_directory / "system" / "epoch-1";
  FLORIN_TRY_VOID(make_directory(directory));
  FLORIN_TRY(
      std::unique_ptr<ledger::Ledger> books,
      open_books(directory, {}, ledger::Mode::system, options_.origin + "/system", system_keys_));
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
  for (domain::Tenant& tenant : all) {
    // Restored books may be from before the end of a tenant whose keys are gone since.
    if (keyring_.has_ended(tenant.id)) tenant.active = false;
    std::vector<ledger::TenantLedger> ledgers;
    if (tenant.active) {
      FLORIN_TRY(ledgers, open_ledgers(tenant.id));
    }
    FLORIN_TRY_VOID(keep(tenant, ledgers));
  }
  return {};
}

std::string Appliance::origin_of(const TenantId& tenant, ledger::Mode mode) const {
  return fmt::format("{}/{}/{}", options_.origin, tenant.text(), ledger::mode_name(mode));
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
               open_books(directory, tenant.value, mode, origin_of(tenant, mode), keys));
    out.push_back({tenant, mode, std::move(books), keys});
    FLORIN_TRY(out.back().subjects, open_subjects(out.back()));
  }
  return out;
}

Result<std::shared_ptr<SubjectKeys>> Appliance::open_subjects(const ledger::TenantLedger& ledger) {
  const vault::SubjectBooks books = subject_books_of(ledger);
  FLORIN_TRY_VOID(ledger.books->catch_up());
  FLORIN_TRY(const std::uint64_t next, next_slot(*ledger.books));
  FLORIN_TRY_VOID(keyring_.begin_subjects(books, life_of(*ledger.books), next));
  FLORIN_TRY(std::shared_ptr<vault::SubjectSource> source,
             keyring_.subjects_of(books.first, books.second));
  // Restored books begin with pools of their own; books without merchants need none.
  FLORIN_TRY(const auto merchants,
             ledger.books->objects(static_cast<ledger::ObjectKind>(domain::Kind::merchant),
                                   std::nullopt, 1));
  if (!merchants.empty() && source->left() == 0) keyring_.ask_for_subjects(books);
  return std::shared_ptr<SubjectKeys>(std::move(source));
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
  FLORIN_TRY_VOID(keyring_.create_owner(tenant.id));
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
    if (tenant.name != name_or_id && tenant.id.text() != name_or_id) continue;
    if (tenant.active) return tenant;
    return Error(Errc::not_found, "tenant", "the keys of this tenant were destroyed");
  }
  return Error(Errc::not_found, "tenant", "there is no such tenant");
}

Result<std::vector<ledger::TenantLedger>> Appliance::end_tenant(const TenantId& tenant,
                                                                ledger::Command command) {
  const std::lock_guard lock(create_mutex_);
  FLORIN_TRY(const auto row,
             system_->object(static_cast<ledger::ObjectKind>(domain::Kind::tenant), tenant.value));
  if (!row.has_value()) return Error(Errc::not_found, "tenant", "there is no such tenant");
  FLORIN_TRY(domain::Tenant ended, domain::decode_tenant(row->id, row->immutable, row->head));
  if (ended.active) {
    ended.active = false;
    command.objects.push_back({.kind = row->kind,
                               .id = row->id,
                               .expected_version = row->version,
                               .immutable = std::nullopt,
                               .head = domain::encode(ended).head});
    std::vector<ledger::Command> commands;
    commands.push_back(std::move(command));
    FLORIN_TRY_VOID(std::move(system_->append(std::move(commands)).front()));
    FLORIN_TRY_VOID(system_->catch_up());
  }
  directory_.remove(tenant);
  std::vector<ledger::TenantLedger> closed;
  const std::lock_guard state_lock(mutex_);
  tenants_.insert_or_assign(tenant, ended);
  for (const ledger::Mode mode : {ledger::Mode::test, ledger::Mode::live}) {
    const auto found = ledgers_.find({tenant, mode});
    if (found == ledgers_.end()) continue;
    closed.push_back(std::move(found->second));
    ledgers_.erase(found);
  }
  return closed;
}

Result<std::uint64_t> Appliance::reseal(const ledger::TenantLedger& ledger) {
  return reseal_secrets(ledger, directory_, clock_, entropy_);
}

Result<Snapshot> Appliance::snapshot() {
  // A tenant's entry in the system ledger and its ledgers here appear together.
  const std::lock_guard lock(create_mutex_);
  FLORIN_TRY(ledger::DurableLog system, system_->durable_log());
  return Snapshot{.system = system, .ledgers = ledgers()};
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
