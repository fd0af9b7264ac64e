// Keys of data subjects: pools made ahead of use, the end of single keys, sealing anew.
#include <algorithm>

#include "base/hash.h"
#include "base/key_cache.h"
#include "base/log.h"
#include "daemon/vault/keyring.h"

namespace florin::vault {
namespace {

constexpr std::size_t kPoolsInOneChange = 16;
constexpr std::chrono::seconds kPauseAfterFailure{5};

}  // namespace

Keyring::~Keyring() {
  queue_->stop();
  if (supplier_.joinable()) supplier_.join();
}

Result<std::shared_ptr<SubjectSource>> Keyring::subjects_of(const TenantId& tenant,
                                                            Purpose purpose) {
  FLORIN_ASSERT(is_pool(purpose));
  FLORIN_TRY(std::shared_ptr<const TenantKeys> keys, keys_of(tenant));
  const std::lock_guard lock(mutex_);
  std::shared_ptr<SubjectSource>& source = sources_[{tenant, purpose}];
  if (source == nullptr) {
    source = std::make_shared<SubjectSource>(store_, std::move(keys), SubjectBooks(tenant, purpose),
                                             queue_);
  }
  if (!supplier_.joinable()) supplier_ = std::thread([this] { supply_all(); });
  return source;
}

Result<void> Keyring::begin_subjects(const SubjectBooks& books, const Uuid& life,
                                     std::uint64_t next) {
  FLORIN_TRY(const std::shared_ptr<SubjectSource> source, subjects_of(books.first, books.second));
  // A change that makes a pool must not come between.
  const std::lock_guard changing(change_mutex_);
  std::vector<std::uint32_t> pools;
  for (const auto& [name, row] : manifest_.rows) {
    const bool ours = name.tenant == books.first && name.purpose == books.second;
    if (ours && row.state == KeyState::active && row.request == life) pools.push_back(name.version);
  }
  source->begin(life, next, pools);
  return {};
}

// Durable and sealed before the first key of it is given.
Result<void> Keyring::supply_subjects(const SubjectBooks& books) {
  FLORIN_TRY(const std::shared_ptr<SubjectSource> source, subjects_of(books.first, books.second));
  FLORIN_TRY(const std::shared_ptr<const TenantKeys> keys, keys_of(books.first));
  const std::lock_guard changing(change_mutex_);
  FLORIN_TRY_VOID(begin_change());
  const Uuid life = source->life();
  if (!source->is_low() || life.is_nil()) return {};
  const std::uint32_t last =
      std::max(manifest_.highest(books.first, books.second), source->known_pool());
  const RootName name{books.first, books.second, last + 1};
  Change change{.manifest = manifest_, .blobs = {}, .expected = {}};
  FLORIN_TRY(Bytes blob, make_pool(*keys, name, entropy_));
  change.manifest.rows[name] = {KeyState::active, 0, sha256(blob), life};
  change.blobs[name.text()] = std::move(blob);
  FLORIN_TRY_VOID(commit(std::move(change)));
  source->add(name.version);
  log(LogLevel::info, "key.subject_pool_made", {{"pool", name.text()}});
  return {};
}

void Keyring::supply_all() {
  while (const auto books = queue_->next()) {
    const auto done = supply_subjects(*books);
    if (done.ok()) continue;
    {
      const std::lock_guard lock(mutex_);
      // Nobody is supplied any more, or this one has ended.
      if (zeroised_ || !owners_.contains(books->first)) continue;
    }
    log_error("key.subject_pool_not_made", done.error(), {{"tenant", books->first.text()}});
    queue_->pause(kPauseAfterFailure);
    queue_->ask(*books);
  }
}

Result<std::size_t> Keyring::destroy_subjects(const SubjectBooks& books,
                                              const std::vector<std::uint64_t>& slots) {
  const std::lock_guard changing(change_mutex_);
  FLORIN_TRY_VOID(begin_change());
  Change change{.manifest = manifest_, .blobs = {}, .expected = {}};
  change.destroys = true;
  std::size_t count = 0;
  for (const std::uint64_t slot : slots) {
    const RootName name{books.first, books.second, pool_of(slot)};
    const auto row = change.manifest.rows.find(name);
    if (row == change.manifest.rows.end() || row->second.state == KeyState::destroyed) continue;
    std::optional<Bytes>& blob = change.blobs[name.text()];
    if (!blob.has_value()) {
      FLORIN_TRY(blob, store_->blob(name.text()));
    }
    if (!blob.has_value()) return Error(Errc::ledger_corrupt, {}, {}, name.text() + " is missing");
    FLORIN_TRY(auto without, without_key(*blob, static_cast<std::uint32_t>(slot % kPoolSlots)));
    if (!without.has_value()) continue;
    blob = std::move(*without);
    row->second.blob_sha256 = sha256(*blob);
    ++count;
  }
  if (count > 0) {
    FLORIN_TRY_VOID(commit(std::move(change)));
    log(LogLevel::notice, "key.subjects_destroyed",
        {{"tenant", books.first.text()}, {"keys", count}});
  }
  forget_keys();
  return count;
}

Result<std::size_t> Keyring::reseal_subjects(const TenantId& tenant) {
  FLORIN_TRY(const std::shared_ptr<const TenantKeys> keys, keys_of(tenant));
  std::size_t total = 0;
  for (;;) {
    const std::lock_guard changing(change_mutex_);
    FLORIN_TRY_VOID(begin_change());
    Change change{.manifest = manifest_, .blobs = {}, .expected = {}};
    for (auto& [name, row] : change.manifest.rows) {
      if (change.blobs.size() == kPoolsInOneChange) break;
      if (name.tenant != tenant || !is_pool(name.purpose)) continue;
      if (row.state == KeyState::destroyed) continue;
      FLORIN_TRY(const auto blob, store_->blob(name.text()));
      if (!blob.has_value()) return Error(Errc::ledger_corrupt, {}, {}, name.text());
      FLORIN_TRY(const std::uint32_t version, pool_version(*blob));
      if (version == keys->active_version()) continue;
      FLORIN_TRY(Bytes moved, reseal_pool(*keys, name, *blob, entropy_));
      row.blob_sha256 = sha256(moved);
      change.blobs[name.text()] = std::move(moved);
    }
    if (change.blobs.empty()) return total;
    total += change.blobs.size();
    FLORIN_TRY_VOID(commit(std::move(change)));
  }
}

Result<SubjectReport> Keyring::subject_report(const std::optional<TenantId>& tenant) const {
  const std::lock_guard changing(change_mutex_);
  return report_subjects(tenant);
}

Result<SubjectReport> Keyring::report_subjects(const std::optional<TenantId>& tenant) const {
  SubjectReport report;
  for (const auto& [name, row] : manifest_.rows) {
    const bool wanted = !tenant.has_value() || name.tenant == tenant;
    if (!wanted || !is_pool(name.purpose) || row.state == KeyState::destroyed) continue;
    FLORIN_TRY(const auto blob, store_->blob(name.text()));
    if (!blob.has_value()) return Error(Errc::ledger_corrupt, {}, {}, name.text() + " is missing");
    FLORIN_TRY(const std::uint32_t version, pool_version(*blob));
    const auto keys = owner(name.tenant);
    if (keys == nullptr) return Error(Errc::hsm_unavailable);
    auto count = check_pool(*keys, name, *blob);
    if (!count.ok()) {
      return Error(Errc::key_unwrap_failed, {}, name.text() + " does not open.",
                   count.error().to_log());
    }
    ++report.pools;
    report.keys += count->keys;
    report.destroyed += count->destroyed;
    ++report.versions[version];
  }
  return report;
}

}  // namespace florin::vault
