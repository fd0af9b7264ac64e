#pragma once
/// A keyring over a module in files, opened again and again.
#include <gtest/gtest.h>

#include "daemon/vault/keyring.h"
#include "daemon/vault/sealed_secret.h"
#include "support/file_guard.h"
#include "support/temp_dir.h"
#include "support/test_signer.h"

namespace florin::vault {

class KeyringTest : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directory(directory()); }
  [[nodiscard]] std::filesystem::path directory() const { return dir_.path() / "keyring"; }
  [[nodiscard]] std::filesystem::path module() const { return dir_.path() / "module"; }
  static TenantId tenant(std::uint8_t number) {
    Uuid id;
    id.bytes.fill(number);
    return TenantId{id};
  }
  static Uuid request(std::uint8_t number) { return tenant(number).value; }

  Result<void> try_open() {
    keyring_.reset();
    auto guard = std::make_unique<test::FileGuard>(module(), signer_);
    guard->spoiled = spoiled_;
    guard_ = guard.get();
    auto opened = Keyring::open(directory(), std::move(guard), entropy_, clock_);
    if (!opened.ok()) {
      guard_ = nullptr;
      return opened.error();
    }
    keyring_ = std::move(*opened);
    return {};
  }
  void open() {
    const auto opened = try_open();
    ASSERT_TRUE(opened.ok()) << opened.error().to_log();
  }
  void start_with_tenants(std::uint8_t count) {
    open();
    ASSERT_TRUE(keyring_->create_owner(std::nullopt).ok());
    for (std::uint8_t i = 1; i <= count; ++i) {
      ASSERT_TRUE(keyring_->create_owner(tenant(i)).ok());
    }
  }
  std::shared_ptr<const TenantKeys> keys(std::uint8_t number) {
    return *keyring_->keys_of(tenant(number));
  }
  Bytes sealed(std::uint8_t number, std::string_view text) {
    return *seal_secret(*keys(number), "cred", "place", view_of(text), entropy_);
  }
  Result<Secret> opened(std::uint8_t number, BytesView record) {
    return open_secret(*keys(number), "cred", "place", record);
  }
  // Why the keyring is not opened; empty when it is.
  std::string refusal() {
    const auto result = try_open();
    return result.ok() ? std::string() : result.error().to_log();
  }
  KeyState state_of(const RootName& name) {
    for (const RootInfo& root : keyring_->roots()) {
      if (root.name == name) return root.state;
    }
    ADD_FAILURE() << name.text();
    return {};
  }

  test::TempDir dir_;
  test::TestSigner signer_;
  SystemEntropy entropy_;
  SystemClock clock_;
  test::FileGuard* guard_ = nullptr;
  std::unique_ptr<Keyring> keyring_;
  std::uint8_t spoiled_ = 0;
};

}  // namespace florin::vault
