#include "daemon/vault/root_keys.h"

#include <mutex>

#include "base/hash.h"

namespace florin::vault {

RootKeys::RootKeys(Secret root) : root_(std::move(root)) {
  FLORIN_ASSERT(root_.size() == kRootSize);
}

Result<Secret> RootKeys::derive(std::string_view label, BytesView salt) const {
  if (label.empty()) return Error(Errc::malformed_value, {}, {}, "a derived key needs a label");
  const std::shared_lock lock(mutex_);
  if (root_.empty()) return Error(Errc::hsm_unavailable);
  return hkdf_sha256(root_.view(), salt, view_of(label), 32);
}

void RootKeys::zeroise() {
  const std::unique_lock lock(mutex_);
  root_ = Secret();
}

}  // namespace florin::vault
