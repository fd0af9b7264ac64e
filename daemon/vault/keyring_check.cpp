// That what is stored is what was signed, and that it opens. Memory does not grow with the keyring.
#include "base/hash.h"
#include "daemon/vault/keyring.h"

namespace florin::vault {

Result<Bytes> Keyring::checked_blob(const RootName& name) const {
  const std::string text = name.text();
  FLORIN_TRY(auto blob, store_->blob(text));
  if (!blob.has_value()) return missing_root(name);
  FLORIN_TRY_VOID(check_blob(manifest_, text, *blob));
  return std::move(*blob);
}

Result<void> Keyring::check_rows() const {
  std::size_t present = 0;
  std::string last;
  for (;;) {
    FLORIN_TRY(const std::vector<NamedBlob> page, store_->blobs_behind(last));
    if (page.empty()) break;
    for (const NamedBlob& row : page) {
      FLORIN_TRY_VOID(check_blob(manifest_, row.name, row.blob));
    }
    present += page.size();
    last = page.back().name;
  }
  std::size_t wanted = 0;
  for (const auto& [name, row] : manifest_.rows) {
    if (row.state != KeyState::destroyed) ++wanted;
  }
  // Each that is there is one of the manifest: as many are all.
  if (present == wanted) return {};
  for (const auto& [name, row] : manifest_.rows) {
    if (row.state != KeyState::destroyed) FLORIN_TRY_VOID(checked_blob(name));
  }
  return Error(Errc::key_unwrap_failed, {}, "The keyring changed while it was read.");
}

Result<KeyringReport> Keyring::verify() {
  const std::lock_guard changing(change_mutex_);
  FLORIN_TRY_VOID(begin_change());
  FLORIN_TRY_VOID(settle());
  FLORIN_TRY_VOID(check_rows());
  KeyringReport report{.epoch = manifest_.epoch, .roots = 0, .keks = {}, .subjects = {}};
  for (const auto& [name, row] : manifest_.rows) {
    if (row.state == KeyState::destroyed || is_pool(name.purpose)) continue;
    FLORIN_TRY(const Bytes blob, checked_blob(name));
    FLORIN_TRY(const Secret root, unwrap(name, blob));
    const std::lock_guard lock(mutex_);
    const std::string& known = facts_.at(name).check_value;
    if (!known.empty() && known != root_check_value(root)) {
      return Error(Errc::key_unwrap_failed, {},
                   name.text() + " opens to another key than at start.");
    }
    if (name.purpose == Purpose::canary) {
      report.keks.push_back(name.version);
    } else {
      ++report.roots;
    }
  }
  FLORIN_TRY(report.subjects, report_subjects(std::nullopt));
  Hash32 challenge{};
  entropy_.fill(challenge);
  FLORIN_TRY(const Bytes signature, guard_->signer().sign(challenge));
  FLORIN_TRY_VOID(verify_ecdsa_p256(guard_->signer().public_key_der(), challenge, signature));
  return report;
}

}  // namespace florin::vault
