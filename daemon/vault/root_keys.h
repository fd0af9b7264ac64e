#pragma once
/// One root in locked memory, behind derivation.
#include <shared_mutex>

#include "base/tenant_keys.h"

namespace florin::vault {

/// Thread-safe. Holders keep it across zeroise(); their derivations fail from then on.
class RootKeys final : public TenantKeys {
 public:
  static constexpr std::size_t kRootSize = 32;

  explicit RootKeys(Secret root);
  /// Errors: `hsm_unavailable` after zeroise, `malformed_value` for an empty label.
  [[nodiscard]] Result<Secret> derive(std::string_view label, BytesView salt = {}) const override;
  /// Overwrites the root.
  void zeroise();

 private:
  mutable std::shared_mutex mutex_;
  Secret root_;
};

}  // namespace florin::vault
