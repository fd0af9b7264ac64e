#pragma once
/// The roots of one owner in locked memory, behind derivation.
#include <map>
#include <shared_mutex>

#include "base/tenant_keys.h"

namespace florin::vault {

/// Thread-safe. Holders keep it across a rotation, which they see at their next derivation, and
/// across zeroise(), after which their derivations fail.
class RootKeys final : public TenantKeys {
 public:
  static constexpr std::size_t kRootSize = 32;

  /// Errors: `hsm_unavailable` after zeroise, `malformed_value` for an empty label.
  [[nodiscard]] Result<Secret> index_key(std::string_view label,
                                         BytesView salt = {}) const override;
  [[nodiscard]] std::uint32_t active_version() const override;
  /// Errors: as index_key; `decryption_failed` for a version that is not open.
  [[nodiscard]] Result<Secret> derive_in(std::uint32_t version, std::string_view label,
                                         BytesView salt = {}) const override;

  void put_index(Secret root);
  void put(std::uint32_t version, Secret root);
  /// A version that was put.
  void activate(std::uint32_t version);
  /// Overwrites one version.
  void remove(std::uint32_t version);
  /// Overwrites all roots.
  void zeroise();

 private:
  mutable std::shared_mutex mutex_;
  bool zeroised_ = false;
  Secret index_;
  std::map<std::uint32_t, Secret> versions_;
  std::uint32_t active_ = 0;
};

/// Six hexadecimal digits that tell roots apart and nothing else.
std::string root_check_value(const Secret& root);

}  // namespace florin::vault
