// What two people do with keys, over real books and a keyring whose module is a directory.
#include <atomic>
#include <thread>

#include "daemon/control/audit_note.h"
#include "key_world.h"
#include "ledger/log_control.h"

namespace florin::control::key_service_test {
namespace {

class KeyServiceTest : public KeyWorld {};

TEST_F(KeyServiceTest, RotationSealsWhatIsNewAndMovesSecrets) {
  const domain::Tenant tenant = add_tenant("acme");
  const std::string key_id = furnish(tenant);
  EXPECT_EQ(version_of(key_id), 1U);
  const json::object made = done("key.rotate", {{"key", "acme"}}, 7);
  EXPECT_EQ(made.at("secrets_sealed_anew").as_string(), "3");
  EXPECT_NE(
      std::string_view(made.at("record").as_string()).find(made.at("check_value").as_string()),
      std::string_view::npos);
  EXPECT_EQ(version_of(key_id), 2U);
  EXPECT_TRUE(secret_of(key_id)->equals(secret_));
  EXPECT_TRUE(is_noted("key rotated: t/" + tenant.id.text() + "/gen/2 check "));
  // What is in the books stays under its key, and so that stays.
  const std::string old_key = "t/" + tenant.id.text() + "/gen/1";
  const auto revoked = carry_out("key.revoke", {{"key", old_key}, {"state", "disabled"}}, 8);
  ASSERT_FALSE(revoked.ok());
  EXPECT_EQ(revoked.error().code(), Errc::state_conflict);
  EXPECT_NE(revoked.error().message().find("needed by 2 segments of the books and 0 records"),
            std::string::npos)
      << revoked.error().message();
  // The same request once more, as after a crash: the same key, one entry.
  const std::size_t entries = notes().size();
  done("key.rotate", {{"key", "acme"}}, 7);
  EXPECT_EQ(notes().size(), entries);
  EXPECT_EQ((*appliance_->ledger_of(tenant.id, ledger::Mode::test)).keys->active_version(), 2U);
  open();
  EXPECT_TRUE(secret_of(key_id)->equals(secret_));
  EXPECT_EQ(keys_->show(old_key)->at("segments").to_number<int>(), 2);
}

TEST_F(KeyServiceTest, AnUnneededVersionIsRevoked) {
  const domain::Tenant tenant = add_tenant("acme");
  done("key.rotate", {{"key", "acme"}}, 1);  // before anything was written under the first...
  done("key.rotate", {{"key", "acme"}}, 2);
  const std::string unused = "t/" + tenant.id.text() + "/gen/2";
  EXPECT_EQ(keys_->show(unused)->at("segments").to_number<int>(), 0);
  done("key.revoke", {{"key", unused}, {"state", "disabled"}}, 3);
  EXPECT_EQ(keys_->show(unused)->at("state").as_string(), "disabled");
  done("key.revoke", {{"key", unused}, {"state", "decrypt-only"}}, 4);
  const auto proposal = operation("key.revoke").propose({{"key", unused}, {"state", "destroyed"}});
  EXPECT_EQ(proposal->confirmation, unused);
  done("key.revoke", {{"key", unused}, {"state", "destroyed"}}, 5);
  EXPECT_EQ(keys_->show(unused)->at("state").as_string(), "destroyed");
  open();
  EXPECT_EQ((*appliance_->ledger_of(tenant.id, ledger::Mode::live)).keys->active_version(), 3U);
}

// What could never be carried out is not asked of anybody.
TEST_F(KeyServiceTest, ARevocationThatCannotBeIsRefusedAtThePreview) {
  const domain::Tenant tenant = add_tenant("acme");
  done("key.rotate", {{"key", "kek"}}, 1);
  const std::string owner = "t/" + tenant.id.text();
  const std::vector<std::pair<std::string, std::string>> impossible = {
      {owner + "/idx/1", "destroyed"}, {owner + "/idx/1", "disabled"},
      {owner + "/gen/1", "disabled"},  {owner + "/gen/1", "decrypt-only"},
      {"sys/gen/1", "decrypt-only"},   {"kek/1", "disabled"},
      {"kek/1", "decrypt-only"},       {"kek/1", "destroyed"},
      {"kek/2", "destroyed"}};
  for (const auto& [key, state] : impossible) {
    const auto proposal = operation("key.revoke").propose({{"key", key}, {"state", state}});
    ASSERT_FALSE(proposal.ok()) << key << " " << state;
    EXPECT_EQ(proposal.error().code(), Errc::state_conflict) << key << " " << state;
    EXPECT_EQ(proposal.error().field(), "/parameters/key");
  }
  // All digests hang from it, and nobody counts them.
  EXPECT_FALSE(keys_->show(owner + "/idx/1")->contains("segments"));
  EXPECT_EQ(keys_->show("kek/1")->at("roots").to_number<int>(), 4);
}

TEST_F(KeyServiceTest, SecretsThatARotationDidNotReachAreMovedByTheNextStart) {
  const domain::Tenant tenant = add_tenant("acme");
  const std::string key_id = furnish(tenant);
  ASSERT_TRUE(keyring_->rotate(tenant.id, request(1).id).ok());
  open();
  EXPECT_EQ(version_of(key_id), 1U);
  ASSERT_TRUE(keys_->resume().ok());
  EXPECT_EQ(version_of(key_id), 2U);
  EXPECT_TRUE(secret_of(key_id)->equals(secret_));
}

TEST_F(KeyServiceTest, RotationUnderLoadLosesNothing) {
  const domain::Tenant tenant = add_tenant("acme");
  const std::string key_id = furnish(tenant);
  ledger::TenantLedger books = *appliance_->ledger_of(tenant.id, ledger::Mode::test);
  std::atomic<bool> stop = false;
  std::atomic<int> written = 0;
  std::thread load([&] {
    while (!stop) {
      ASSERT_TRUE(append_note(*books.books, "load", 1, clock_, entropy_).ok());
      ++written;
      ASSERT_TRUE(secret_of(key_id)->equals(secret_));
    }
  });
  for (std::uint8_t round = 1; round <= 10; ++round) {
    const int before = written;
    done("key.rotate", {{"key", "acme"}}, round);
    while (written < before + 3) std::this_thread::yield();
  }
  stop = true;
  load.join();
  const std::uint64_t entries = books.books->head().next_seq;
  const auto versions = ledger::log_control(*books.books)->key_versions();
  EXPECT_EQ(versions.size(), 11U) << "a segment for each version";
  books = {};
  open();
  EXPECT_EQ((*appliance_->ledger_of(tenant.id, ledger::Mode::test)).books->head().next_seq,
            entries);
  EXPECT_TRUE(secret_of(key_id)->equals(secret_));
}

TEST_F(KeyServiceTest, AShreddedTenantIsGoneAndTheBooksSaySo) {
  const domain::Tenant tenant = add_tenant("acme");
  const std::string other_id = furnish(add_tenant("other"));
  const Bytes other = secret_;
  const std::string key_id = furnish(tenant);
  const auto proposal = operation("key.shred-tenant").propose({{"tenant", "acme"}});
  ASSERT_TRUE(proposal.ok());
  EXPECT_EQ(proposal->confirmation, "acme");
  EXPECT_EQ(proposal->parameters.at("tenant").as_string(), tenant.id.text());
  const auto held = (*appliance_->ledger_of(tenant.id, ledger::Mode::test)).keys;
  done("key.shred-tenant", {{"tenant", "acme"}}, 9);
  EXPECT_EQ(let_go_, (std::vector<ledger::Mode>{ledger::Mode::test, ledger::Mode::live}));
  EXPECT_EQ(held->derive_in(1, "a").error().code(), Errc::hsm_unavailable);
  EXPECT_EQ(appliance_->tenant("acme").error().code(), Errc::not_found);
  EXPECT_EQ(appliance_->ledger_of(tenant.id, ledger::Mode::test).error().code(), Errc::not_found);
  EXPECT_FALSE(secret_of(key_id).ok());
  EXPECT_TRUE(is_noted("tenant shredded: " + tenant.id.text()));
  EXPECT_TRUE(is_noted("keys destroyed: t/" + tenant.id.text()));
  EXPECT_EQ(operation("key.shred-tenant").propose({{"tenant", "acme"}}).error().field(),
            "/parameters/tenant");
  EXPECT_TRUE(operation("key.shred-tenant").execute(proposal->parameters, request(9)).ok())
      << "the same request completes, and repeats nothing";
  open();
  EXPECT_EQ(appliance_->tenant("acme").error().code(), Errc::not_found);
  EXPECT_EQ(appliance_->ledgers().size(), 2U);
  EXPECT_TRUE(secret_of(other_id)->equals(other));
  EXPECT_TRUE(keys_->verify().ok());
}

// The books say that a tenant ends before its keys are gone.
TEST_F(KeyServiceTest, AnEndThatWasCutShortIsCompletedByTheNextStart) {
  const domain::Tenant tenant = add_tenant("acme");
  guard_->before_seal = [] { return false; };
  EXPECT_FALSE(carry_out("key.shred-tenant", {{"tenant", "acme"}}, 9).ok());
  open();
  EXPECT_EQ(appliance_->tenant("acme").error().code(), Errc::not_found);
  EXPECT_TRUE(keyring_->keys_of(tenant.id).ok()) << "not destroyed yet";
  ASSERT_TRUE(keys_->resume().ok());
  EXPECT_EQ(keyring_->keys_of(tenant.id).error().code(), Errc::not_found);
}

// Data of a backup from before, with today's keys: everything is there but what was shredded.
TEST_F(KeyServiceTest, BooksFromBeforeTheEndOfATenantAreOpenedWithoutIt) {
  const domain::Tenant tenant = add_tenant("acme");
  const std::string key_id = furnish(tenant);
  const std::string other_id = furnish(add_tenant("other"));
  const Bytes other = secret_;
  close();
  const auto backup = dir_.path() / "backup";
  std::filesystem::create_directory(backup);
  for (const char* const part : {"system", "tenants"}) {
    std::filesystem::copy(dir_.path() / part, backup / part,
                          std::filesystem::copy_options::recursive);
  }
  open();
  done("key.shred-tenant", {{"tenant", "acme"}}, 9);
  close();
  for (const char* const part : {"system", "tenants"}) {
    std::filesystem::remove_all(dir_.path() / part);
    std::filesystem::rename(backup / part, dir_.path() / part);
  }
  open();
  ASSERT_TRUE(keys_->resume().ok());
  EXPECT_EQ(appliance_->tenant("acme").error().code(), Errc::not_found);
  EXPECT_EQ(appliance_->ledgers().size(), 2U);
  EXPECT_FALSE(secret_of(key_id).ok());
  EXPECT_TRUE(secret_of(other_id)->equals(other));
  EXPECT_TRUE(is_noted("tenant ended, its keys were destroyed before: " + tenant.id.text()));
  const std::size_t entries = notes().size();
  open();
  ASSERT_TRUE(keys_->resume().ok());
  EXPECT_EQ(notes().size(), entries) << "once is enough";
}

// The other way round: its end is in the books, and the keyring never had its keys.
TEST_F(KeyServiceTest, AnEndedTenantThatTheKeyringNeverKnewKeepsNobodyFromStarting) {
  close();
  const auto keyring = dir_.path() / "keyring";
  const auto older = dir_.path() / "older";
  std::filesystem::copy(keyring, older);
  std::filesystem::copy_file(dir_.path() / "module" / "seal", dir_.path() / "older-seal");
  open();
  add_tenant("acme");
  done("key.shred-tenant", {{"tenant", "acme"}}, 9);
  close();
  std::filesystem::remove_all(keyring);
  std::filesystem::rename(older, keyring);
  std::filesystem::rename(dir_.path() / "older-seal", dir_.path() / "module" / "seal");
  open();
  const auto resumed = keys_->resume();
  EXPECT_TRUE(resumed.ok()) << resumed.error().to_log();
}

TEST_F(KeyServiceTest, AKeyEncryptionKeyIsReplacedAndTheBundleFollows) {
  add_tenant("acme");
  EXPECT_EQ(carry_out("key.rewrap", {}, 1).error().code(), Errc::state_conflict);
  EXPECT_EQ(done("key.rotate", {{"key", "kek"}}, 2).at("new_key").as_string(), "kek/2");
  EXPECT_EQ(carry_out("key.revoke", {{"key", "kek/1"}, {"state", "destroyed"}}, 3).error().code(),
            Errc::state_conflict);
  EXPECT_EQ(done("key.rewrap", {}, 4).at("wrapped_anew").as_string(), "4");
  done("key.revoke", {{"key", "kek/1"}, {"state", "destroyed"}}, 5);
  const json::object exported = done("key.bundle-export", {}, 6);
  const std::filesystem::path file(std::string(exported.at("file").as_string()));
  ASSERT_TRUE(std::filesystem::exists(file));
  std::ifstream text(file);
  const auto bundle = vault::decode_bundle(std::string{std::istreambuf_iterator<char>(text), {}});
  ASSERT_TRUE(bundle.ok());
  const auto manifest = vault::decode_manifest(bundle->manifest.text);
  EXPECT_EQ(exported.at("keyring_epoch").as_string(), std::to_string(manifest->epoch));
  close();
  std::filesystem::remove_all(dir_.path() / "keyring");
  std::filesystem::create_directory(dir_.path() / "keyring");
  std::filesystem::copy_file(file, dir_.path() / "keyring" / "bundle");
  open();
  EXPECT_TRUE(appliance_->tenant("acme").ok());
  EXPECT_EQ(keys_->verify()->at("canaries_opened").as_array().size(), 1U);
}

TEST_F(KeyServiceTest, ParametersAreCheckedAndBecomeCanonical) {
  const domain::Tenant tenant = add_tenant("acme");
  const std::string name = "t/" + tenant.id.text() + "/gen";
  for (const std::string& given : {std::string("acme"), tenant.id.text(), name}) {
    EXPECT_EQ(operation("key.rotate").propose({{"key", given}})->parameters.at("key").as_string(),
              name);
  }
  EXPECT_EQ(operation("key.rotate").propose({{"key", "nobody"}}).error().field(),
            "/parameters/key");
  EXPECT_EQ(operation("key.rotate").propose({}).error().code(), Errc::field_missing);
  EXPECT_EQ(operation("key.rotate").propose({{"key", 1}}).error().code(), Errc::field_type);
  EXPECT_EQ(operation("key.rotate").propose({{"key", "kek"}, {"x", "y"}}).error().code(),
            Errc::field_unknown);
  EXPECT_EQ(
      operation("key.revoke").propose({{"key", "sys/gen/1"}, {"state", "pending"}}).error().field(),
      "/parameters/state");
  for (const Operation& each : operations_) {
    EXPECT_EQ(each.requesters, domain::roles(domain::Role::custodian)) << each.name;
    EXPECT_EQ(each.approvers, domain::roles(domain::Role::custodian)) << each.name;
    EXPECT_EQ(each.approvals, 1U);
  }
}

}  // namespace
}  // namespace florin::control::key_service_test
