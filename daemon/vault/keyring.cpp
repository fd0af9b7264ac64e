#include "daemon/vault/keyring.h"

#include <limits>
#include <vector>

#include "ledger/lmdb/cursor.h"

namespace florin::vault {
namespace {

// A row takes about 200 bytes with its name: room for some 100 000 roots.
constexpr std::uint64_t kMapBytes = 64ULL << 20U;
constexpr const char* kTable = "roots";

struct StoredRow {
  std::string name;
  Bytes blob;
};

Result<std::vector<StoredRow>> all_rows(const lmdb::Environment& environment,
                                        const lmdb::StateDbi& table) {
  FLORIN_TRY(const lmdb::ReadTransaction transaction, environment.read());
  FLORIN_TRY(lmdb::Cursor cursor, lmdb::Cursor::open(transaction, table));
  std::vector<StoredRow> rows;
  FLORIN_TRY(auto row, cursor.first());
  while (row.has_value()) {
    rows.push_back({std::string(text_of(row->key)), to_bytes(row->value)});
    FLORIN_TRY(row, cursor.next());
  }
  return rows;
}

}  // namespace

Keyring::Keyring(std::unique_ptr<lmdb::Environment> environment, lmdb::StateDbi rows, hsm::Hsm& hsm,
                 Entropy& entropy, const Clock& clock)
    : environment_(std::move(environment)),
      rows_(rows),
      hsm_(hsm),
      entropy_(entropy),
      clock_(clock) {}

Result<std::unique_ptr<Keyring>> Keyring::open(const std::filesystem::path& directory,
                                               hsm::Hsm& hsm, Entropy& entropy,
                                               const Clock& clock) {
  lmdb::EnvironmentOptions options;
  options.directory = directory;
  options.map_bytes = kMapBytes;
  options.max_tables = 4;
  FLORIN_TRY(std::unique_ptr<lmdb::Environment> environment, lmdb::Environment::open(options));
  FLORIN_TRY(lmdb::WriteTransaction transaction, environment->write());
  FLORIN_TRY(const lmdb::StateDbi rows, lmdb::StateDbi::open(transaction, kTable));
  FLORIN_TRY_VOID(transaction.commit());
  std::unique_ptr<Keyring> keyring(new Keyring(std::move(environment), rows, hsm, entropy, clock));
  FLORIN_TRY_VOID(keyring->load());
  return keyring;
}

Result<void> Keyring::copy_to(const std::filesystem::path& directory) const {
  return environment_->copy_to(directory, true);
}

Result<void> Keyring::load() {
  FLORIN_TRY(const std::vector<StoredRow> rows, all_rows(*environment_, rows_));
  for (const StoredRow& row : rows) {
    FLORIN_TRY(const WrappedKey key, decode_wrapped_key(row.blob));
    if (key.name.text() != row.name) {
      return Error(Errc::key_unwrap_failed, {}, {}, "a wrapped key stands under another name");
    }
    FLORIN_TRY(Secret root, unwrap(key.name, row.blob));
    roots_.emplace(key.name, std::make_shared<RootKeys>(std::move(root)));
  }
  return {};
}

Result<Secret> Keyring::unwrap(const RootName& name, BytesView blob) const {
  FLORIN_TRY(const WrappedKey key, decode_wrapped_key(blob));
  if (key.name != name) {
    return Error(Errc::key_unwrap_failed, {}, {}, "a wrapped key belongs to another name");
  }
  if (key.kek_number != hsm_.kek_number()) {
    return Error(Errc::hsm_key_missing, "kek/" + std::to_string(key.kek_number),
                 "A root key was wrapped by another key-encryption key.");
  }
  FLORIN_TRY(Secret root, hsm_.unwrap(key.sealed, wrapped_key_aad(key)));
  if (root.size() != RootKeys::kRootSize) {
    return Error(Errc::key_unwrap_failed, {}, {}, "a wrapped root has a wrong length");
  }
  return root;
}

Result<Secret> Keyring::new_root() {
  Secret root(RootKeys::kRootSize);
  Secret from_token(RootKeys::kRootSize);
  entropy_.fill(root.writable());
  FLORIN_TRY_VOID(hsm_.random(from_token.writable()));
  // A bad source on one side does no harm while the other is good.
  for (std::size_t i = 0; i < root.size(); ++i) root.writable()[i] ^= from_token.view()[i];
  return root;
}

Result<Bytes> Keyring::wrap_new(const RootName& name, const Secret& root) {
  WrappedKey key;
  key.kek_number = hsm_.kek_number();
  entropy_.fill(key.key_id);
  key.name = name;
  key.created_ns = static_cast<std::uint64_t>(clock_.now());
  FLORIN_TRY(key.sealed, hsm_.wrap(root.view(), wrapped_key_aad(key)));
  return encode_wrapped_key(key);
}

Result<void> Keyring::store(const RootName& name, BytesView blob) {
  const std::string key = name.text();
  FLORIN_TRY(lmdb::WriteTransaction transaction, environment_->write());
  FLORIN_TRY(const auto existing, rows_.get(transaction, view_of(key)));
  if (existing.has_value()) {
    return Error(Errc::already_initialised, {}, "The root key exists already.");
  }
  FLORIN_TRY_VOID(rows_.put(transaction, view_of(key), blob));
  return transaction.commit();
}

Result<void> Keyring::create_root(const RootName& name) {
  if (name.version == 0 || (name.tenant.has_value() && name.tenant->value.is_nil())) {
    return Error(Errc::malformed_value, {}, {}, "a root needs a version and a real tenant");
  }
  const std::lock_guard creating(create_mutex_);
  {
    const std::lock_guard lock(mutex_);
    if (zeroised_) return Error(Errc::hsm_unavailable);
    if (roots_.contains(name)) {
      return Error(Errc::already_initialised, {}, "The root key exists already.");
    }
  }
  FLORIN_TRY(Secret root, new_root());
  FLORIN_TRY(const Bytes blob, wrap_new(name, root));
  // A root that cannot be opened again must never encrypt anything.
  FLORIN_TRY(const Secret back, unwrap(name, blob));
  if (!back.equals(root.view())) {
    return Error(Errc::hsm_failure, {}, {}, "a new root does not open to what was wrapped");
  }
  FLORIN_TRY_VOID(store(name, blob));
  const std::lock_guard lock(mutex_);
  if (!zeroised_) roots_.emplace(name, std::make_shared<RootKeys>(std::move(root)));
  return {};
}

Result<std::shared_ptr<const TenantKeys>> Keyring::latest(
    const std::optional<TenantId>& tenant) const {
  const std::lock_guard lock(mutex_);
  if (zeroised_) return Error(Errc::hsm_unavailable);
  const RootName highest{tenant, Purpose::general, std::numeric_limits<std::uint32_t>::max()};
  auto at = roots_.upper_bound(highest);
  if (at != roots_.begin()) {
    --at;
    if (at->first.tenant == tenant && at->first.purpose == Purpose::general) {
      return std::shared_ptr<const TenantKeys>(at->second);
    }
  }
  return Error(Errc::not_found, {}, "There is no root key of this name.");
}

Result<std::shared_ptr<const TenantKeys>> Keyring::keys_of(const TenantId& tenant) const {
  return latest(tenant);
}

Result<std::shared_ptr<const TenantKeys>> Keyring::system_keys() const {
  return latest(std::nullopt);
}

Result<std::shared_ptr<const TenantKeys>> Keyring::open_root(const RootName& name) const {
  const std::lock_guard lock(mutex_);
  if (zeroised_) return Error(Errc::hsm_unavailable);
  const auto at = roots_.find(name);
  if (at == roots_.end()) return Error(Errc::not_found, {}, "There is no root key of this name.");
  return std::shared_ptr<const TenantKeys>(at->second);
}

std::size_t Keyring::size() const {
  const std::lock_guard lock(mutex_);
  return roots_.size();
}

void Keyring::zeroise() {
  const std::lock_guard lock(mutex_);
  zeroised_ = true;
  for (const auto& [name, keys] : roots_) keys->zeroise();
  roots_.clear();
}

}  // namespace florin::vault
