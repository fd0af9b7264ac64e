#pragma once
/// Tenant keys from a root that the test chooses.
#include <atomic>
#include <string>

#include "base/hash.h"
#include "base/tenant_keys.h"

namespace florin::test {

class TestKeys final : public TenantKeys {
 public:
  /// The roots are SHA-256 of the text and what tells them apart.
  explicit TestKeys(std::string_view root) : root_(root) {}
  [[nodiscard]] Result<Secret> index_key(std::string_view label,
                                         BytesView salt = {}) const override {
    return subkey("", label, salt);
  }
  [[nodiscard]] std::uint32_t active_version() const override { return active_; }
  [[nodiscard]] Result<Secret> derive_in(std::uint32_t version, std::string_view label,
                                         BytesView salt = {}) const override {
    if (version == 0 || version > active_) return Error(Errc::decryption_failed);
    return subkey("|" + std::to_string(version), label, salt);
  }
  void rotate() { ++active_; }

 private:
  [[nodiscard]] Secret subkey(const std::string& which, std::string_view label,
                              BytesView salt) const {
    const Hash32 root = sha256({view_of(root_), view_of(which)});
    return hkdf_sha256(root, salt, view_of(label), 32);
  }

  std::string root_;
  std::atomic<std::uint32_t> active_ = 1;
};

inline std::shared_ptr<const TenantKeys> test_keys(std::string_view root = "test root") {
  return std::make_shared<TestKeys>(root);
}

}  // namespace florin::test
