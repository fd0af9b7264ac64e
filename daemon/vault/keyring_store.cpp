#include "daemon/vault/keyring_store.h"

#include "ledger/lmdb/cursor.h"

namespace florin::vault {
namespace {

// Address space, not disk: a root takes about 200 bytes with its name, and as much in each of two
// manifests; a pool of subject keys 64 KiB.
constexpr std::uint64_t kMapBytes = 16ULL << 30U;
constexpr unsigned kTables = 4;
constexpr std::size_t kLongestManifest = 64U << 20U;
constexpr std::size_t kLongestSignature = 512;
constexpr std::string_view kCurrent = "current";
constexpr std::string_view kNext = "next";

Bytes encode(const SignedManifest& manifest) {
  ByteWriter out;
  out.sized_text(manifest.text);
  out.sized(manifest.signature);
  return std::move(out).take();
}

Result<SignedManifest> decode(BytesView bytes) {
  ByteReader in(bytes);
  SignedManifest out;
  out.text = in.sized_text(kLongestManifest);
  out.signature = to_bytes(in.sized(kLongestSignature));
  if (!in.done()) {
    return Error(Errc::key_unwrap_failed, {}, "The manifest of the keyring is cut short.");
  }
  return out;
}

// A staged row is a blob, or empty when the root is taken away.
Bytes staged_row(const std::optional<Bytes>& blob) {
  return blob.value_or(Bytes{});
}

Result<std::map<std::string, Bytes>> rows_in(const lmdb::Transaction& transaction,
                                             const lmdb::StateDbi& table) {
  FLORIN_TRY(lmdb::Cursor cursor, lmdb::Cursor::open(transaction, table));
  std::map<std::string, Bytes> out;
  FLORIN_TRY(auto row, cursor.first());
  while (row.has_value()) {
    out.emplace(text_of(row->key), to_bytes(row->value));
    FLORIN_TRY(row, cursor.next());
  }
  return out;
}

Result<void> clear(lmdb::WriteTransaction& transaction, const lmdb::StateDbi& table) {
  FLORIN_TRY(const auto rows, rows_in(transaction, table));
  for (const auto& [name, value] : rows) {
    FLORIN_TRY_VOID(table.erase(transaction, view_of(name)));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<KeyringStore>> KeyringStore::open(const std::filesystem::path& directory) {
  FLORIN_TRY(std::unique_ptr<lmdb::Environment> environment,
             lmdb::Environment::open({directory, kMapBytes, kTables}));
  FLORIN_TRY(lmdb::WriteTransaction transaction, environment->write());
  FLORIN_TRY(const lmdb::StateDbi roots, lmdb::StateDbi::open(transaction, "roots"));
  FLORIN_TRY(const lmdb::StateDbi staged, lmdb::StateDbi::open(transaction, "staged"));
  FLORIN_TRY(const lmdb::StateDbi manifests, lmdb::StateDbi::open(transaction, "manifests"));
  FLORIN_TRY_VOID(transaction.commit());
  return std::unique_ptr<KeyringStore>(
      new KeyringStore(std::move(environment), roots, staged, manifests));
}

Result<std::map<std::string, Bytes>> KeyringStore::rows(const lmdb::StateDbi& table) const {
  FLORIN_TRY(const lmdb::ReadTransaction transaction, environment_->read());
  return rows_in(transaction, table);
}

Result<std::optional<SignedManifest>> KeyringStore::manifest(std::string_view which) const {
  FLORIN_TRY(const lmdb::ReadTransaction transaction, environment_->read());
  FLORIN_TRY(const auto row, manifests_.get(transaction, view_of(which)));
  if (!row.has_value()) return std::optional<SignedManifest>();
  FLORIN_TRY(SignedManifest found, decode(*row));
  return std::optional<SignedManifest>(std::move(found));
}

Result<std::optional<SignedManifest>> KeyringStore::current() const {
  return manifest(kCurrent);
}

Result<std::optional<SignedManifest>> KeyringStore::staged() const {
  return manifest(kNext);
}

Result<std::map<std::string, Bytes>> KeyringStore::blobs() const {
  return rows(roots_);
}

Result<std::vector<NamedBlob>> KeyringStore::blobs_behind(std::string_view after) const {
  FLORIN_TRY(const lmdb::ReadTransaction transaction, environment_->read());
  FLORIN_TRY(lmdb::Cursor cursor, lmdb::Cursor::open(transaction, roots_));
  std::vector<NamedBlob> out;
  out.reserve(kPageRows);
  std::size_t bytes = 0;
  FLORIN_TRY(auto row, after.empty() ? cursor.first() : cursor.at_or_after(view_of(after)));
  while (row.has_value() && out.size() < kPageRows) {
    // The one behind which the page begins need not be there any more.
    if (text_of(row->key) != after) {
      bytes += row->value.size();
      if (!out.empty() && bytes > kPageBytes) break;
      out.push_back({std::string(text_of(row->key)), to_bytes(row->value)});
    }
    FLORIN_TRY(row, cursor.next());
  }
  return out;
}

Result<std::optional<Bytes>> KeyringStore::blob(std::string_view name) const {
  FLORIN_TRY(const lmdb::ReadTransaction transaction, environment_->read());
  FLORIN_TRY(const auto row, roots_.get(transaction, view_of(name)));
  if (!row.has_value()) return std::optional<Bytes>();
  return std::optional<Bytes>(to_bytes(*row));
}

Result<std::optional<std::pair<Bytes, Bytes>>> KeyringStore::parts(std::string_view name,
                                                                   std::size_t head,
                                                                   std::size_t offset,
                                                                   std::size_t size) const {
  using Parts = std::pair<Bytes, Bytes>;
  FLORIN_TRY(const lmdb::ReadTransaction transaction, environment_->read());
  FLORIN_TRY(const auto row, roots_.get(transaction, view_of(name)));
  if (!row.has_value() || row->size() < head || row->size() < offset + size) {
    return std::optional<Parts>();
  }
  return std::optional<Parts>(
      Parts(to_bytes(row->first(head)), to_bytes(row->subspan(offset, size))));
}

Result<BlobChanges> KeyringStore::staged_blobs() const {
  FLORIN_TRY(const auto found, rows(staged_));
  BlobChanges out;
  for (const auto& [name, blob] : found) {
    out.emplace(name, blob.empty() ? std::nullopt : std::optional<Bytes>(blob));
  }
  return out;
}

Result<void> KeyringStore::stage(const SignedManifest& manifest, const BlobChanges& changes) {
  FLORIN_TRY(lmdb::WriteTransaction transaction, environment_->write());
  FLORIN_TRY_VOID(clear(transaction, staged_));
  for (const auto& [name, blob] : changes) {
    FLORIN_TRY_VOID(staged_.put(transaction, view_of(name), staged_row(blob)));
  }
  FLORIN_TRY_VOID(manifests_.put(transaction, view_of(kNext), encode(manifest)));
  return transaction.commit();
}

Result<void> KeyringStore::apply() {
  FLORIN_TRY(lmdb::WriteTransaction transaction, environment_->write());
  FLORIN_TRY(const auto next, manifests_.get(transaction, view_of(kNext)));
  if (!next.has_value()) return Error(Errc::internal, {}, {}, "no change of the keyring is staged");
  const Bytes manifest = to_bytes(*next);
  FLORIN_TRY(const auto changes, rows_in(transaction, staged_));
  for (const auto& [name, blob] : changes) {
    if (blob.empty()) {
      FLORIN_TRY_VOID(roots_.erase(transaction, view_of(name)));
    } else {
      FLORIN_TRY_VOID(roots_.put(transaction, view_of(name), blob));
    }
  }
  FLORIN_TRY_VOID(clear(transaction, staged_));
  FLORIN_TRY_VOID(manifests_.put(transaction, view_of(kCurrent), manifest));
  FLORIN_TRY_VOID(manifests_.erase(transaction, view_of(kNext)));
  return transaction.commit();
}

Result<void> KeyringStore::discard() {
  FLORIN_TRY(const auto next, staged());
  if (!next.has_value()) return {};
  FLORIN_TRY(lmdb::WriteTransaction transaction, environment_->write());
  FLORIN_TRY_VOID(clear(transaction, staged_));
  FLORIN_TRY_VOID(manifests_.erase(transaction, view_of(kNext)));
  return transaction.commit();
}

}  // namespace florin::vault
