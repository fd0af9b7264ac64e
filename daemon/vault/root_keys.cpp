#include "daemon/vault/root_keys.h"

#include <mutex>
#include <string>

#include "base/hash.h"

namespace florin::vault {
namespace {

constexpr std::size_t kSubkeySize = 32;
constexpr std::size_t kCheckValueSize = 3;

Result<Secret> subkey(const Secret& root, std::string_view label, BytesView salt) {
  if (label.empty()) return Error(Errc::malformed_value, {}, {}, "a derived key needs a label");
  return hkdf_sha256(root.view(), salt, view_of(label), kSubkeySize);
}

}  // namespace

Result<Secret> RootKeys::index_key(std::string_view label, BytesView salt) const {
  const std::shared_lock lock(mutex_);
  if (index_.empty()) return Error(Errc::hsm_unavailable);
  return subkey(index_, label, salt);
}

std::uint32_t RootKeys::active_version() const {
  const std::shared_lock lock(mutex_);
  return active_;
}

Result<Secret> RootKeys::derive_in(std::uint32_t version, std::string_view label,
                                   BytesView salt) const {
  const std::shared_lock lock(mutex_);
  if (zeroised_) return Error(Errc::hsm_unavailable);
  const auto found = versions_.find(version);
  if (found == versions_.end()) {
    return Error(Errc::decryption_failed, {}, {},
                 "version " + std::to_string(version) + " of the root key is not open");
  }
  return subkey(found->second, label, salt);
}

void RootKeys::put_index(Secret root) {
  FLORIN_ASSERT(root.size() == kRootSize);
  const std::unique_lock lock(mutex_);
  if (!zeroised_) index_ = std::move(root);
}

void RootKeys::put(std::uint32_t version, Secret root) {
  FLORIN_ASSERT(root.size() == kRootSize);
  const std::unique_lock lock(mutex_);
  if (!zeroised_) versions_.insert_or_assign(version, std::move(root));
}

void RootKeys::activate(std::uint32_t version) {
  const std::unique_lock lock(mutex_);
  if (versions_.contains(version)) active_ = version;
}

void RootKeys::remove(std::uint32_t version) {
  const std::unique_lock lock(mutex_);
  versions_.erase(version);
}

void RootKeys::zeroise() {
  const std::unique_lock lock(mutex_);
  zeroised_ = true;
  index_ = Secret();
  versions_.clear();
}

std::string root_check_value(const Secret& root) {
  const Secret value = hkdf_sha256(root.view(), {}, view_of("check-value/1"), kCheckValueSize);
  return to_hex(value.view());
}

}  // namespace florin::vault
