// What somebody did to the file, and what a crash left.
#include "keyring_fixture.h"
#include "ledger/lmdb/cursor.h"

namespace florin::vault::keyring_rollback_test {
namespace {

class KeyringRollback : public KeyringTest {
 protected:
  // The environment behind the keyring's back, while no keyring is open.
  template <class Work>
  void behind_its_back(const char* table, Work work) {
    keyring_.reset();
    const auto environment = lmdb::Environment::open({directory(), 256U << 20U, 4});
    ASSERT_TRUE(environment.ok()) << environment.error().to_log();
    auto transaction = (*environment)->write();
    const auto rows = lmdb::StateDbi::open(*transaction, table);
    work(*transaction, *rows);
    ASSERT_TRUE(transaction->commit().ok());
  }
  Bytes row(const char* table, const std::string& name) {
    Bytes out;
    behind_its_back(table, [&](lmdb::WriteTransaction& transaction, const lmdb::StateDbi& rows) {
      out = to_bytes(*rows.get(transaction, view_of(name)).value());
    });
    return out;
  }
  void put(const char* table, const std::string& name, const Bytes& value) {
    behind_its_back(table, [&](lmdb::WriteTransaction& transaction, const lmdb::StateDbi& rows) {
      ASSERT_TRUE(rows.put(transaction, view_of(name), value).ok());
    });
  }
  void erase(const char* table, const std::string& name) {
    behind_its_back(table, [&](lmdb::WriteTransaction& transaction, const lmdb::StateDbi& rows) {
      ASSERT_TRUE(*rows.erase(transaction, view_of(name)));
    });
  }
  void expect_refusal(std::string_view why) {
    const std::string found = refusal();
    EXPECT_NE(found.find(why), std::string::npos) << found;
  }
};

TEST_F(KeyringRollback, AnOlderFileIsRefused) {
  start_with_tenants(1);
  keyring_.reset();
  std::filesystem::copy(directory(), dir_.path() / "older");
  open();
  ASSERT_TRUE(keyring_->rotate(tenant(1), request(1)).ok());
  keyring_.reset();
  std::filesystem::rename(directory(), dir_.path() / "newer");
  std::filesystem::copy(dir_.path() / "older", directory());
  expect_refusal("is of epoch 2, the security module knows epoch 4");
  std::filesystem::remove_all(directory());
  std::filesystem::create_directory(directory());
  expect_refusal("knows a keyring of epoch 4, and there is none");
  std::filesystem::remove_all(directory());
  std::filesystem::rename(dir_.path() / "newer", directory());
  EXPECT_EQ(refusal(), "");
  keyring_.reset();
  std::filesystem::remove(module() / "seal");
  expect_refusal("it is another module");
}

TEST_F(KeyringRollback, RowsThatWereChangedAreRefusedEachWithItsReason) {
  start_with_tenants(2);
  const std::string one = RootName{tenant(1), Purpose::general, 1}.text();
  const std::string two = RootName{tenant(2), Purpose::general, 1}.text();
  const Bytes blob = row("roots", one);
  put("roots", one, row("roots", two));
  expect_refusal(one + " in the keyring is not the one that was signed");
  for (std::size_t i = 0; i < blob.size(); i += 5) {
    Bytes changed = blob;
    changed[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
    put("roots", one, changed);
    expect_refusal(one + " in the keyring is not the one that was signed");
  }
  erase("roots", one);
  expect_refusal(one + " is missing");
  put("roots", one, blob);
  put("roots", "t/x/gen/1", blob);
  expect_refusal("that its manifest does not have");
  erase("roots", "t/x/gen/1");
  EXPECT_EQ(refusal(), "");
}

// The file is read in pages; the last row counts like the first.
TEST_F(KeyringRollback, ARowBehindTheFirstPageIsMissedToo) {
  start_with_tenants(130);
  const std::string last = RootName{tenant(130), Purpose::index, 1}.text();
  const Bytes blob = row("roots", last);
  erase("roots", last);
  expect_refusal(last + " is missing");
  Bytes changed = blob;
  changed.back() ^= 1U;
  put("roots", last, changed);
  expect_refusal(last + " in the keyring is not the one that was signed");
  put("roots", last, blob);
  put("roots", "t/zzz", blob);
  expect_refusal("that its manifest does not have: t/zzz");
  erase("roots", "t/zzz");
  EXPECT_EQ(refusal(), "");
}

TEST_F(KeyringRollback, AnEditedManifestIsRefused) {
  start_with_tenants(1);
  const Bytes good = row("manifests", "current");
  for (std::size_t i = 0; i < good.size(); i += 3) {
    Bytes changed = good;
    changed[i] ^= 1U;
    put("manifests", "current", changed);
    EXPECT_NE(refusal(), "") << i;
  }
  erase("manifests", "current");
  expect_refusal("and there is none");
  put("manifests", "current", good);
  EXPECT_EQ(refusal(), "");
  // Sealed, but not by this appliance: whoever can write the seal cannot sign.
  keyring_.reset();
  signer_ = test::TestSigner();
  expect_refusal("not signed by the audit key");
}

TEST_F(KeyringRollback, ADamagedKeyEncryptionKeyIsFoundBeforeAnythingIsServed) {
  start_with_tenants(1);
  spoiled_ = 1;
  expect_refusal("kek/1 does not open");
  spoiled_ = 0;
  EXPECT_EQ(refusal(), "");
  // One that goes bad while the daemon runs: the check tells, and nothing is wrapped anew with it.
  ASSERT_TRUE(keyring_->rotate_kek(request(1)).ok());
  guard_->spoiled = 1;
  EXPECT_EQ(keyring_->verify().error().code(), Errc::key_unwrap_failed);
  EXPECT_EQ(keyring_->rewrap().error().code(), Errc::key_unwrap_failed);
  guard_->spoiled = 0;
  EXPECT_EQ(keyring_->left_to_rewrap(), 4U);
  EXPECT_EQ(*keyring_->rewrap(), 4U);
  EXPECT_TRUE(keyring_->verify().ok());
}

// The module fails before or behind the seal, in this process or for the next one.
TEST_F(KeyringRollback, AChangeThatWasCutShortIsBeforeOrBehindItself) {
  start_with_tenants(1);
  std::uint32_t version = 1;
  for (const bool behind : {false, true}) {
    for (const bool dies : {false, true}) {
      for (const int call : {1, 2}) {
        int calls = 0;
        const auto fault = [&calls, call] { return ++calls != call; };
        (behind ? guard_->after_seal : guard_->before_seal) = fault;
        const Bytes record = sealed(1, "x");
        EXPECT_FALSE(keyring_->rotate(tenant(1), request(static_cast<std::uint8_t>(version))).ok());
        guard_->after_seal = nullptr;
        guard_->before_seal = nullptr;
        if (dies) open();
        const auto again = keyring_->rotate(tenant(1), request(static_cast<std::uint8_t>(version)));
        ASSERT_TRUE(again.ok()) << again.error().to_log();
        EXPECT_EQ(*again, ++version) << behind << dies << call;
        EXPECT_EQ(keys(1)->active_version(), version);
        EXPECT_TRUE(opened(1, record).ok());
        EXPECT_TRUE(keyring_->verify().ok());
      }
    }
  }
  open();
  EXPECT_EQ(keys(1)->active_version(), version);
}

// The module took the change and did not say so: what it closed is closed, here too.
TEST_F(KeyringRollback, WhatAnUncertainChangeClosedIsClosed) {
  start_with_tenants(2);
  const Bytes old = sealed(1, "x");
  ASSERT_TRUE(keyring_->rotate(tenant(1), request(1)).ok());
  const auto held = keys(1);
  const auto ended = keys(2);
  guard_->after_seal = [] { return false; };
  const RootName first{tenant(1), Purpose::general, 1};
  EXPECT_FALSE(keyring_->change_state(first, KeyState::disabled).ok());
  EXPECT_FALSE(keyring_->destroy_owner(tenant(2)).ok());
  guard_->after_seal = nullptr;
  EXPECT_TRUE(keyring_->change_state(first, KeyState::disabled).ok());
  EXPECT_EQ(opened(1, old).error().code(), Errc::decryption_failed);
  EXPECT_TRUE(held->derive_in(2, "a").ok());
  EXPECT_EQ(keyring_->keys_of(tenant(2)).error().code(), Errc::not_found);
  EXPECT_EQ(ended->derive_in(1, "a").error().code(), Errc::hsm_unavailable);
}

}  // namespace
}  // namespace florin::vault::keyring_rollback_test
