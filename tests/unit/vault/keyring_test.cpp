// Roots, their versions and states.
#include "keyring_fixture.h"

namespace florin::vault::keyring_test {
namespace {

TEST_F(KeyringTest, RootsSurviveReopenAndNeedNoModuleLater) {
  open();
  EXPECT_EQ(keyring_->keys_of(tenant(1)).error().code(), Errc::not_found);
  EXPECT_EQ(keyring_->system_keys().error().code(), Errc::not_found);
  ASSERT_TRUE(keyring_->create_owner(std::nullopt).ok());
  ASSERT_TRUE(keyring_->create_owner(tenant(1)).ok());
  EXPECT_EQ(keyring_->create_owner(tenant(1)).error().code(), Errc::already_initialised);
  EXPECT_EQ(keyring_->create_owner(TenantId{}).error().code(), Errc::malformed_value);
  const Bytes record = sealed(1, "x");
  const Bytes index = to_bytes(keys(1)->index_key("names/1")->view());
  open();
  const std::uint64_t unwraps = guard_->unwraps;
  EXPECT_TRUE(opened(1, record).ok());
  EXPECT_TRUE(keys(1)->index_key("names/1")->equals(index));
  EXPECT_FALSE((*keyring_->system_keys())->index_key("names/1")->equals(index));
  EXPECT_EQ(guard_->unwraps, unwraps) << "open roots ask nothing of the module";
  EXPECT_EQ(keyring_->roots().size(), 5U);
}

TEST_F(KeyringTest, ATenantsKeysOpenNothingOfAnother) {
  start_with_tenants(2);
  const Bytes record = sealed(1, "secret of 1");
  EXPECT_TRUE(opened(1, record).ok());
  EXPECT_EQ(opened(2, record).error().code(), Errc::decryption_failed);
}

TEST_F(KeyringTest, RotationChangesWhatIsNewAndOpensWhatIsOld) {
  start_with_tenants(2);
  const auto held = keys(1);
  const Bytes old = sealed(1, "old");
  const Bytes index = to_bytes(held->index_key("names/1")->view());
  EXPECT_EQ(*sealed_version(old), 1U);
  EXPECT_EQ(*keyring_->rotate(tenant(1), request(7)), 2U);
  EXPECT_EQ(held->active_version(), 2U) << "who holds keys sees it";
  EXPECT_EQ(*sealed_version(sealed(1, "new")), 2U);
  EXPECT_TRUE(opened(1, old).ok());
  EXPECT_TRUE(held->index_key("names/1")->equals(index)) << "digests never change";
  EXPECT_EQ(*keyring_->rotate(tenant(1), request(7)), 2U) << "the same order again";
  EXPECT_EQ(*keyring_->rotate(tenant(1), request(8)), 3U);
  EXPECT_EQ(keys(2)->active_version(), 1U);
  EXPECT_EQ(keyring_->rotate(tenant(9), request(9)).error().code(), Errc::not_found);
  open();
  EXPECT_EQ(keys(1)->active_version(), 3U);
  EXPECT_TRUE(opened(1, old).ok());
  EXPECT_EQ(state_of({tenant(1), Purpose::general, 1}), KeyState::decrypt_only);
  EXPECT_EQ(state_of({tenant(1), Purpose::general, 3}), KeyState::active);
}

TEST_F(KeyringTest, DisabledOpensNothingUntilItIsTakenBack) {
  start_with_tenants(1);
  const Bytes old = sealed(1, "old");
  ASSERT_TRUE(keyring_->rotate(tenant(1), request(7)).ok());
  const RootName first{tenant(1), Purpose::general, 1};
  const RootName second{tenant(1), Purpose::general, 2};
  EXPECT_EQ(keyring_->change_state(second, KeyState::disabled).error().code(),
            Errc::state_conflict);
  EXPECT_EQ(
      keyring_->change_state({tenant(1), Purpose::index, 1}, KeyState::destroyed).error().code(),
      Errc::state_conflict);
  EXPECT_EQ(
      keyring_->change_state({tenant(1), Purpose::general, 5}, KeyState::disabled).error().code(),
      Errc::not_found);
  ASSERT_TRUE(keyring_->change_state(first, KeyState::disabled).ok());
  EXPECT_EQ(opened(1, old).error().code(), Errc::decryption_failed);
  open();
  EXPECT_EQ(opened(1, old).error().code(), Errc::decryption_failed);
  ASSERT_TRUE(keyring_->change_state(first, KeyState::decrypt_only).ok());
  EXPECT_TRUE(opened(1, old).ok());
  ASSERT_TRUE(keyring_->change_state(first, KeyState::destroyed).ok());
  EXPECT_EQ(opened(1, old).error().code(), Errc::decryption_failed);
  EXPECT_EQ(keyring_->change_state(first, KeyState::decrypt_only).error().code(),
            Errc::state_conflict);
  EXPECT_EQ(*keyring_->rotate(tenant(1), request(8)), 3U) << "numbers are never used again";
  open();
  EXPECT_EQ(state_of(first), KeyState::destroyed);
}

TEST_F(KeyringTest, AShreddedTenantIsGoneForWhoHoldsItsKeysToo) {
  start_with_tenants(2);
  ASSERT_TRUE(keyring_->rotate(tenant(1), request(7)).ok());
  const auto held = keys(1);
  const Bytes record = sealed(1, "x");
  const Bytes other = sealed(2, "y");
  ASSERT_TRUE(keyring_->destroy_owner(tenant(1)).ok());
  EXPECT_EQ(held->index_key("a").error().code(), Errc::hsm_unavailable);
  EXPECT_EQ(held->derive_in(1, "a").error().code(), Errc::hsm_unavailable);
  EXPECT_EQ(keyring_->keys_of(tenant(1)).error().code(), Errc::not_found);
  EXPECT_EQ(keyring_->create_owner(tenant(1)).error().code(), Errc::already_initialised);
  EXPECT_TRUE(keyring_->destroy_owner(tenant(1)).ok()) << "again is nothing";
  EXPECT_EQ(keyring_->destroy_owner(tenant(9)).error().code(), Errc::not_found);
  open();
  EXPECT_EQ(keyring_->keys_of(tenant(1)).error().code(), Errc::not_found);
  EXPECT_EQ(state_of({tenant(1), Purpose::index, 1}), KeyState::destroyed);
  EXPECT_TRUE(opened(2, other).ok());
}

TEST_F(KeyringTest, ZeroiseReachesKeysThatAreHeld) {
  start_with_tenants(1);
  const auto held = keys(1);
  keyring_->zeroise();
  EXPECT_EQ(held->derive_in(1, "a").error().code(), Errc::hsm_unavailable);
  EXPECT_EQ(keyring_->keys_of(tenant(1)).error().code(), Errc::hsm_unavailable);
  EXPECT_EQ(keyring_->create_owner(tenant(2)).error().code(), Errc::hsm_unavailable);
}

TEST_F(KeyringTest, AKeyEncryptionKeyIsReplacedInStepsAndOnlyThenDestroyed) {
  start_with_tenants(130);  // 262 roots: two changes
  const Bytes record = sealed(7, "x");
  EXPECT_EQ(*keyring_->rotate_kek(request(1)), 2U);
  EXPECT_EQ(*keyring_->rotate_kek(request(1)), 2U) << "the same order again";
  EXPECT_EQ(keyring_->left_to_rewrap(), 262U);
  ASSERT_TRUE(keyring_->create_owner(tenant(131)).ok());
  EXPECT_EQ(keyring_->left_to_rewrap(), 262U) << "what is new hangs from the new key";
  const auto early = keyring_->destroy_kek(1);
  EXPECT_EQ(early.error().code(), Errc::state_conflict);
  EXPECT_NE(early.error().message().find("262"), std::string::npos) << early.error().message();
  EXPECT_EQ(*keyring_->rewrap(), 256U);
  open();
  EXPECT_EQ(keyring_->kek(), 2U);
  EXPECT_EQ(keyring_->destroy_kek(1).error().code(), Errc::state_conflict);
  EXPECT_EQ(*keyring_->rewrap(), 6U);
  EXPECT_EQ(*keyring_->rewrap(), 0U);
  EXPECT_EQ(keyring_->verify()->keks.size(), 2U);
  EXPECT_EQ(keyring_->destroy_kek(2).error().code(), Errc::state_conflict);
  EXPECT_EQ(keyring_->destroy_kek(5).error().code(), Errc::not_found);
  ASSERT_TRUE(keyring_->destroy_kek(1).ok());
  EXPECT_TRUE(keyring_->destroy_kek(1).ok()) << "again is nothing";
  EXPECT_EQ(guard_->keks(), std::vector<std::uint32_t>{2});
  open();
  EXPECT_TRUE(opened(7, record).ok());
  const auto report = keyring_->verify();
  ASSERT_TRUE(report.ok()) << report.error().to_log();
  EXPECT_EQ(report->roots, 264U);
  EXPECT_EQ(report->keks.size(), 1U);
}

TEST_F(KeyringTest, ABundleMakesTheSameKeyringAndNothingThatWasShredded) {
  start_with_tenants(2);
  const Bytes first = sealed(1, "x");
  const Bytes second = sealed(2, "y");
  const std::string early = encode_bundle(*keyring_->bundle());
  ASSERT_TRUE(keyring_->rotate(tenant(2), request(1)).ok());
  const std::string middle = encode_bundle(*keyring_->bundle());
  const auto restore = [this](const std::string& bundle) {
    keyring_.reset();
    std::filesystem::remove_all(directory());
    std::filesystem::create_directory(directory());
    std::ofstream(directory() / "bundle") << bundle;
    return refusal();
  };
  EXPECT_EQ(restore(early), "") << "nothing was destroyed since";
  EXPECT_EQ(keys(2)->active_version(), 1U);
  EXPECT_FALSE(std::filesystem::exists(directory() / "bundle"));
  EXPECT_EQ(restore(middle), "");
  EXPECT_EQ(keys(2)->active_version(), 2U);
  ASSERT_TRUE(keyring_->destroy_owner(tenant(1)).ok());
  const std::string late = encode_bundle(*keyring_->bundle());
  EXPECT_NE(restore(middle).find("keys were destroyed in epoch"), std::string::npos);
  EXPECT_EQ(restore(late), "");
  EXPECT_EQ(keyring_->keys_of(tenant(1)).error().code(), Errc::not_found);
  EXPECT_TRUE(opened(2, second).ok());
  // Every byte counts.
  for (std::size_t i = 0; i < late.size(); i += 11) {
    std::string changed = late;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_NE(restore(changed), "") << i;
  }
  EXPECT_EQ(restore(late), "");
}

// Whatever is wrong with a bundle, the right one can take its place.
TEST_F(KeyringTest, ARefusedBundleLeavesNothingThatLooksLikeAKeyring) {
  start_with_tenants(1);
  const std::string early = encode_bundle(*keyring_->bundle());
  ASSERT_TRUE(keyring_->rotate_kek(request(1)).ok());
  ASSERT_TRUE(keyring_->destroy_owner(tenant(1)).ok());
  const std::string late = encode_bundle(*keyring_->bundle());
  keyring_.reset();
  std::filesystem::remove_all(directory());
  std::filesystem::create_directory(directory());
  const auto try_bundle = [this](const std::string& bundle) {
    std::ofstream(directory() / "bundle", std::ios::trunc) << bundle;
    return refusal();
  };
  const auto seal = module() / "seal";
  EXPECT_NE(try_bundle(early), "") << "keys were destroyed since";
  EXPECT_FALSE(std::filesystem::exists(directory() / "data.mdb"));
  EXPECT_NE(try_bundle(late.substr(0, late.size() / 2)), "");
  EXPECT_FALSE(std::filesystem::exists(directory() / "data.mdb"));
  std::filesystem::rename(module() / "keks", module() / "kept");
  std::ofstream(module() / "keks") << "1\n";
  EXPECT_NE(try_bundle(late), "") << "the module has not the key that it needs";
  EXPECT_FALSE(std::filesystem::exists(directory() / "data.mdb"));
  std::filesystem::rename(module() / "kept", module() / "keks");
  EXPECT_EQ(try_bundle(late), "");
}

// Killed between taking a bundle in and removing it.
TEST_F(KeyringTest, ABundleBesideAKeyringThatCountsIsRemoved) {
  start_with_tenants(1);
  const std::string bundle = encode_bundle(*keyring_->bundle());
  std::ofstream(directory() / "bundle") << bundle;
  open();
  EXPECT_FALSE(std::filesystem::exists(directory() / "bundle"));
  EXPECT_TRUE(keyring_->keys_of(tenant(1)).ok());
}

TEST_F(KeyringTest, WhatIsShownOfKeysIsTheSameAfterAStart) {
  start_with_tenants(2);
  ASSERT_TRUE(keyring_->rotate(tenant(1), request(1)).ok());
  ASSERT_TRUE(keyring_->rotate(tenant(1), request(2)).ok());
  const RootName first{tenant(1), Purpose::general, 1};
  const RootName second{tenant(1), Purpose::general, 2};
  const auto shown = [this] {
    std::string out;
    for (const RootInfo& root : keyring_->roots()) {
      out += root.name.text() + " " + std::string(key_state_name(root.state)) + " " +
             std::to_string(root.created_at) + " " + root.check_value + "\n";
    }
    return out;
  };
  const auto expect_same = [&](const char* after) {
    const std::string before = shown();
    open();
    EXPECT_EQ(shown(), before) << after;
  };
  expect_same("rotation");
  ASSERT_TRUE(keyring_->change_state(first, KeyState::disabled).ok());
  expect_same("disabling");
  ASSERT_TRUE(keyring_->change_state(first, KeyState::decrypt_only).ok());
  EXPECT_TRUE(keyring_->verify().ok());
  expect_same("taking that back");
  ASSERT_TRUE(keyring_->change_state(second, KeyState::destroyed).ok());
  ASSERT_TRUE(keyring_->destroy_owner(tenant(2)).ok());
  expect_same("destruction");
}

}  // namespace
}  // namespace florin::vault::keyring_test
