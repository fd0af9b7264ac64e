#pragma once
/// The keyring's file: wrapped roots, the signed manifest of what they must be, and the change that
/// is on its way. Knows no keys.
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/vault/keyring_manifest.h"
#include "ledger/lmdb/environment.h"
#include "ledger/lmdb/table.h"

namespace florin::vault {

/// Text of a manifest and the audit key's signature of it.
struct SignedManifest {
  std::string text;
  Bytes signature;  ///< DER ECDSA over SHA-256 of the text

  bool operator==(const SignedManifest&) const = default;
};

/// By name of the root; nothing means that it is taken away.
using BlobChanges = std::map<std::string, std::optional<Bytes>>;

struct NamedBlob {
  std::string name;  ///< of the root
  Bytes blob;
};

/// A change is staged beside what counts, becomes what counts in one commit when the module has
/// sealed its manifest, or is given up. Used by one thread at a time where nothing else is said.
class KeyringStore {
 public:
  static constexpr std::size_t kPageRows = 256;
  static constexpr std::size_t kPageBytes = std::size_t{1} << 20U;

  /// `directory` exists. Errors: those of lmdb::Environment.
  static Result<std::unique_ptr<KeyringStore>> open(const std::filesystem::path& directory);

  [[nodiscard]] Result<std::optional<SignedManifest>> current() const;
  [[nodiscard]] Result<std::optional<SignedManifest>> staged() const;
  /// All of them in memory at once, by name of the root: for a bundle, which is one text.
  [[nodiscard]] Result<std::map<std::string, Bytes>> blobs() const;
  /// Those behind `after` (empty: from the first on) in order of names, as many as fit into a page
  /// of kPageRows and kPageBytes, but one at least; none behind the last.
  [[nodiscard]] Result<std::vector<NamedBlob>> blobs_behind(std::string_view after) const;
  [[nodiscard]] Result<BlobChanges> staged_blobs() const;
  /// One of them. Thread-safe.
  [[nodiscard]] Result<std::optional<Bytes>> blob(std::string_view name) const;
  /// Two parts of one of them in one snapshot, the first `head` bytes and `size` bytes at `offset`;
  /// nothing when it is not there or shorter. Thread-safe.
  [[nodiscard]] Result<std::optional<std::pair<Bytes, Bytes>>> parts(std::string_view name,
                                                                     std::size_t head,
                                                                     std::size_t offset,
                                                                     std::size_t size) const;

  /// Durable. Replaces what was staged before.
  Result<void> stage(const SignedManifest& manifest, const BlobChanges& changes);
  /// What is staged counts from now on.
  Result<void> apply();
  /// Gives up what is staged, if anything is.
  Result<void> discard();

 private:
  KeyringStore(std::unique_ptr<lmdb::Environment> environment, lmdb::StateDbi roots,
               lmdb::StateDbi staged, lmdb::StateDbi manifests)
      : environment_(std::move(environment)),
        roots_(roots),
        staged_(staged),
        manifests_(manifests) {}
  [[nodiscard]] Result<std::optional<SignedManifest>> manifest(std::string_view which) const;
  [[nodiscard]] Result<std::map<std::string, Bytes>> rows(const lmdb::StateDbi& table) const;

  std::unique_ptr<lmdb::Environment> environment_;
  lmdb::StateDbi roots_;
  lmdb::StateDbi staged_;
  lmdb::StateDbi manifests_;
};

}  // namespace florin::vault
