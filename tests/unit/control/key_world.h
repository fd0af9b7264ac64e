#pragma once
/// Real books and a keyring whose module is a directory, opened again and again.
#include <gtest/gtest.h>

#include <algorithm>

#include "daemon/control/key_service.h"
#include "daemon/vault/sealed_secret.h"
#include "ledger/describe.h"
#include "support/file_guard.h"
#include "support/temp_dir.h"
#include "support/test_signer.h"

namespace florin::control {

class KeyWorld : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(dir_.path() / "keyring");
    open();
  }
  void TearDown() override { close(); }
  void close() {
    keys_.reset();
    let_go_.clear();
    appliance_.reset();
    keyring_.reset();
  }
  // As a start does.
  void open() {
    close();
    auto guard = std::make_unique<test::FileGuard>(dir_.path() / "module", signer_);
    guard_ = guard.get();
    auto keyring =
        vault::Keyring::open(dir_.path() / "keyring", std::move(guard), entropy_, clock_);
    ASSERT_TRUE(keyring.ok()) << keyring.error().to_log();
    keyring_ = std::move(*keyring);
    if (!keyring_->system_keys().ok()) {
      ASSERT_TRUE(keyring_->create_owner(std::nullopt).ok());
    }
    auto appliance = Appliance::open({.data_directory = dir_.path(),
                                      .origin = "bank.example/books",
                                      .checkpoint_key_der = signer_.public_key_der()},
                                     *keyring_, clock_, entropy_, [](const auto&) {});
    ASSERT_TRUE(appliance.ok()) << appliance.error().to_log();
    appliance_ = std::move(*appliance);
    keys_ = std::make_unique<KeyService>(KeySources{.bundle_directory = dir_.path() / "bundles",
                                                    .let_go =
                                                        [this](const ledger::TenantLedger& ledger) {
                                                          let_go_.push_back(ledger.mode);
                                                        }},
                                         *appliance_, *keyring_, clock_, entropy_);
    operations_ = key_operations([this] { return keys_.get(); });
  }
  ApprovedRequest request(std::uint8_t number) {
    ApprovedRequest out;
    out.id.bytes.fill(number);
    out.digest.fill(number);
    out.reason = "yearly";
    for (std::uint8_t person = 1; person <= 2; ++person) {
      Uuid id;
      id.bytes.fill(person);
      out.people.push_back(id);
    }
    return out;
  }
  const Operation& operation(const std::string& name) {
    const auto found =
        std::find_if(operations_.begin(), operations_.end(),
                     [&name](const Operation& operation) { return operation.name == name; });
    EXPECT_NE(found, operations_.end()) << name;
    return *found;
  }
  // What two people would do.
  Result<json::object> carry_out(const std::string& name, const json::object& parameters,
                                 std::uint8_t number) {
    FLORIN_TRY(const Proposal proposal, operation(name).propose(parameters));
    return operation(name).execute(proposal.parameters, request(number));
  }
  json::object done(const std::string& name, const json::object& parameters, std::uint8_t number) {
    const auto result = carry_out(name, parameters, number);
    EXPECT_TRUE(result.ok()) << name << " " << result.error().to_log();
    return result.ok() ? *result : json::object{};
  }
  domain::Tenant add_tenant(const std::string& name) {
    auto tenant = appliance_->create_tenant(name, name, {});
    EXPECT_TRUE(tenant.ok()) << tenant.error().to_log();
    return *tenant;
  }
  // A merchant with a secret of each kind, and a credential without; gives the first one's key id.
  std::string furnish(const domain::Tenant& tenant) {
    const ledger::TenantLedger books = *appliance_->ledger_of(tenant.id, ledger::Mode::test);
    const auto merchant = appliance_->create_merchant(books, "shop", "Shop", {});
    EXPECT_TRUE(merchant.ok());
    const auto made = appliance_->create_credential(books, merchant->id, {.label = "till"}, {});
    secret_ = to_bytes(made->secret.view());
    EXPECT_TRUE(appliance_
                    ->create_credential(books, merchant->id,
                                        {.label = "gate",
                                         .certificate = certificate_of(tenant),
                                         .identity = "urn:shop",
                                         .signs = false},
                                        {})
                    .ok());
    const Secret api_key(view_of("sandbox-key-0123456789"));
    EXPECT_TRUE(
        appliance_->create_connector(books, "psp", "sandbox", "https://psp.example", api_key, {})
            .ok());
    EXPECT_TRUE(
        appliance_->create_endpoint(books, merchant->id, "https://shop.example/hook", {}).ok());
    return made->credential.id.text();
  }
  // The thumbprint of the client certificate that furnish gave the merchant.
  static std::string certificate_of(const domain::Tenant& tenant) {
    return to_hex(sha256(view_of(tenant.name)));
  }
  std::uint32_t version_of(const std::string& key_id) {
    const auto known = appliance_->credential_directory().find(key_id);
    EXPECT_TRUE(known.has_value());
    return *vault::sealed_version(known->credential.sealed_secret);
  }
  Result<Secret> secret_of(const std::string& key_id) {
    const auto known = appliance_->credential_directory().find(key_id);
    if (!known.has_value()) return Error(Errc::credential_invalid);
    return CredentialDirectory::secret_of(*known);
  }
  std::vector<std::string> notes() {
    EXPECT_TRUE(appliance_->system_ledger()->catch_up().ok());
    std::vector<std::string> out;
    const auto entries = appliance_->system_ledger()->entries(0, 1000);
    for (const auto& entry : *entries) {
      out.push_back(ledger::describe(entry)->note);
    }
    return out;
  }
  bool is_noted(std::string_view text) {
    const auto all = notes();
    return std::any_of(all.begin(), all.end(),
                       [text](const std::string& note) { return note.starts_with(text); });
  }

  test::TempDir dir_;
  test::TestSigner signer_;
  SystemEntropy entropy_;
  SystemClock clock_;
  test::FileGuard* guard_ = nullptr;
  std::unique_ptr<vault::Keyring> keyring_;
  std::unique_ptr<Appliance> appliance_;
  std::unique_ptr<KeyService> keys_;
  std::vector<ledger::Mode> let_go_;
  std::vector<Operation> operations_;
  Bytes secret_;
};

}  // namespace florin::control
