#pragma once
/// Tenant keys from a root that the test chooses.
#include "base/hash.h"
#include "base/tenant_keys.h"

namespace florin::test {

class TestKeys final : public TenantKeys {
 public:
  /// The root is SHA-256 of the text.
  explicit TestKeys(std::string_view root) : root_(sha256(view_of(root))) {}
  [[nodiscard]] Result<Secret> derive(std::string_view label, BytesView salt = {}) const override {
    return hkdf_sha256(root_, salt, view_of(label), 32);
  }

 private:
  Hash32 root_;
};

inline std::shared_ptr<const TenantKeys> test_keys(std::string_view root = "test root") {
  return std::make_shared<TestKeys>(root);
}

}  // namespace florin::test
