// Keys of data subjects: made ahead, given once, destroyed for ever.
#include <random>

#include "keyring_fixture.h"
#include "support/killed_child.h"
#include "support/long_run.h"

namespace florin::vault::keyring_subjects_test {
namespace {

class KeyringSubjects : public KeyringTest {
 protected:
  static SubjectBooks books(std::uint8_t number = 1, Purpose purpose = Purpose::subjects_live) {
    return {tenant(number), purpose};
  }
  std::shared_ptr<SubjectSource> source(const SubjectBooks& which = books()) {
    return *keyring_->subjects_of(which.first, which.second);
  }
  // As control does when it has opened the books, which know the slots below `next`.
  void begin(std::uint64_t next, std::uint8_t life = 7) {
    ASSERT_TRUE(keyring_->begin_subjects(books(), request(life), next).ok());
    ASSERT_TRUE(keyring_->supply_subjects(books()).ok());
  }
  void reopen(std::uint64_t next, std::uint8_t life = 7) {
    open();
    begin(next, life);
  }
  Bytes key_of(std::uint64_t slot) {
    const auto key = source()->open(slot);
    EXPECT_TRUE(key.ok()) << key.error().to_log();
    return key.ok() ? to_bytes(key->key.view()) : Bytes{};
  }
  SubjectKeyState state_of_slot(std::uint64_t slot) {
    const auto key = source()->open(slot);
    EXPECT_TRUE(key.ok()) << key.error().to_log();
    return key->state;
  }
};

TEST_F(KeyringSubjects, SlotsComeInOrderAndKeepTheirKeys) {
  start_with_tenants(2);
  EXPECT_FALSE(source()->take().ok()) << "no pool, no key";
  begin(0);
  std::set<Bytes> keys;
  for (std::uint64_t slot = 0; slot < 40; ++slot) {
    ASSERT_EQ(*source()->take(), slot);
    keys.insert(key_of(slot));
  }
  EXPECT_EQ(keys.size(), 40U);
  EXPECT_EQ(keys.begin()->size(), 32U);
  const Bytes kept = key_of(39);
  // The books remember two of them: what was given besides is never written and is given again.
  reopen(40);
  EXPECT_EQ(key_of(39), kept);
  EXPECT_EQ(*source()->take(), 40U);
  // Another ledger has other keys, another tenant too.
  for (const SubjectBooks& other : {books(1, Purpose::subjects_test), books(2)}) {
    ASSERT_TRUE(keyring_->begin_subjects(other, request(7), 0).ok());
    ASSERT_TRUE(keyring_->supply_subjects(other).ok());
    const auto key = source(other)->open(39);
    ASSERT_TRUE(key.ok());
    EXPECT_NE(to_bytes(key->key.view()), kept);
  }
  EXPECT_EQ(keyring_->verify()->subjects.pools, 3U);
  EXPECT_EQ(keyring_->verify()->subjects.keys, 3U * kPoolSlots);
}

TEST_F(KeyringSubjects, TheNextPoolIsMadeInTimeAndWithoutTheCaller) {
  start_with_tenants(1);
  begin(0);
  for (std::uint64_t slot = 0; slot < 3U * kPoolSlots; ++slot) {
    auto taken = source()->take();
    // Only a caller who outruns the disk meets an empty pool; he tries again.
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!taken.ok() && std::chrono::steady_clock::now() < deadline) {
      ASSERT_EQ(taken.error().code(), Errc::hsm_unavailable);
      std::this_thread::yield();
      taken = source()->take();
    }
    ASSERT_TRUE(taken.ok());
    ASSERT_EQ(*taken, slot);
  }
  EXPECT_EQ(state_of_slot(3U * kPoolSlots - 1), SubjectKeyState::present);
}

TEST_F(KeyringSubjects, RestoredBooksGetSlotsThatNobodyHad) {
  start_with_tenants(1);
  begin(0);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(source()->take().ok());
  // The books were restored and know five of ten; the other five were somebody's.
  reopen(5, 8);
  EXPECT_EQ(*source()->take(), kPoolSlots);
  reopen(kPoolSlots + 1, 8);
  EXPECT_EQ(*source()->take(), kPoolSlots + 1U) << "the same life goes on where it was";
}

TEST_F(KeyringSubjects, AKeyringThatForgotPoolsNeverNamesThemAgain) {
  start_with_tenants(1);
  begin(3U * kPoolSlots + 17);
  EXPECT_EQ(state_of_slot(5), SubjectKeyState::lost);
  EXPECT_EQ(*source()->take(), 4U * kPoolSlots);
}

TEST_F(KeyringSubjects, ADestroyedKeyIsGoneForEver) {
  start_with_tenants(1);
  begin(0);
  const auto held = source();
  const Bytes other = key_of(4);
  const std::uint64_t before = keyring_->epoch();
  EXPECT_EQ(*keyring_->destroy_subjects(books(), {3, 5}), 2U);
  EXPECT_EQ(keyring_->epoch(), before + 1) << "one change";
  EXPECT_EQ(*keyring_->destroy_subjects(books(), {3, 5}), 0U);
  EXPECT_EQ(*keyring_->destroy_subjects(books(), {99U * kPoolSlots}), 0U) << "never was there";
  EXPECT_EQ(keyring_->epoch(), before + 1);
  EXPECT_EQ(held->open(3)->state, SubjectKeyState::destroyed);
  EXPECT_TRUE(*held->is_gone(3));
  EXPECT_FALSE(*held->is_gone(4));
  reopen(6);
  EXPECT_EQ(state_of_slot(3), SubjectKeyState::destroyed);
  EXPECT_EQ(state_of_slot(5), SubjectKeyState::destroyed);
  EXPECT_EQ(key_of(4), other);
  EXPECT_EQ(keyring_->verify()->subjects.destroyed, 2U);
}

TEST_F(KeyringSubjects, NeitherAnOlderFileNorAnOlderBundleBringsAKeyBack) {
  start_with_tenants(1);
  begin(0);
  const std::string bundle = encode_bundle(*keyring_->bundle());
  keyring_.reset();
  std::filesystem::copy(directory(), dir_.path() / "older");
  reopen(1);
  ASSERT_EQ(*keyring_->destroy_subjects(books(), {0}), 1U);
  const std::string newer = encode_bundle(*keyring_->bundle());
  keyring_.reset();
  std::filesystem::remove_all(directory());
  std::filesystem::copy(dir_.path() / "older", directory());
  EXPECT_NE(refusal().find("this is not the newest keyring"), std::string::npos);
  const auto take_in = [this](const std::string& text) {
    keyring_.reset();
    std::filesystem::remove_all(directory());
    std::filesystem::create_directory(directory());
    std::ofstream(directory() / "bundle", std::ios::binary) << text;
    return refusal();
  };
  EXPECT_NE(take_in(bundle).find("keys were destroyed in epoch"), std::string::npos);
  EXPECT_EQ(take_in(newer), "");
  begin(1);
  EXPECT_EQ(state_of_slot(0), SubjectKeyState::destroyed);
  EXPECT_EQ(state_of_slot(1), SubjectKeyState::present);
}

TEST_F(KeyringSubjects, RotationSealsThemAnewAndTheEndOfATenantTakesThem) {
  start_with_tenants(1);
  begin(0);
  const Bytes kept = key_of(9);
  ASSERT_EQ(*keyring_->destroy_subjects(books(), {8}), 1U);
  ASSERT_EQ(*keyring_->rotate(tenant(1), request(1)), 2U);
  EXPECT_EQ(key_of(9), kept);
  EXPECT_EQ(keyring_->subject_report(tenant(1))->versions.count(1), 1U);
  EXPECT_EQ(*keyring_->reseal_subjects(tenant(1)), 1U);
  EXPECT_EQ(*keyring_->reseal_subjects(tenant(1)), 0U);
  EXPECT_EQ(keyring_->subject_report(tenant(1))->versions.count(1), 0U);
  EXPECT_EQ(key_of(9), kept);
  EXPECT_EQ(state_of_slot(8), SubjectKeyState::destroyed);
  ASSERT_TRUE(keyring_->rotate_kek(request(2)).ok());
  while (*keyring_->rewrap() > 0) {
  }
  EXPECT_EQ(keyring_->left_to_rewrap(), 0U);
  reopen(10);
  EXPECT_EQ(key_of(9), kept);
  const auto held = source();
  ASSERT_TRUE(keyring_->destroy_owner(tenant(1)).ok());
  EXPECT_FALSE(held->open(9).ok() && held->open(9)->state == SubjectKeyState::present);
  open();
  EXPECT_EQ(keyring_->verify()->subjects.pools, 0U);
}

TEST_F(KeyringSubjects, WhoeverHoldsThemSeesTheEndOfTheKeyring) {
  start_with_tenants(1);
  begin(0);
  const auto held = source();
  keyring_->zeroise();
  EXPECT_EQ(held->open(0).error().code(), Errc::hsm_unavailable);
  keyring_.reset();
  EXPECT_EQ(held->open(0).error().code(), Errc::hsm_unavailable);
}

TEST_F(KeyringSubjects, KilledAnywhereItIsBeforeTheEndOfAKeyOrBehindIt) {
  start_with_tenants(1);
  begin(0);
  std::vector<Bytes> keys;
  for (std::uint64_t slot = 0; slot < 60; ++slot) keys.push_back(key_of(slot));
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  std::uint64_t destroyed = 0;
  for (int round = 0; round < test::quick_or_long(10, 300); ++round) {
    keyring_.reset();
    const auto steps = static_cast<unsigned>(1 + random() % 20);
    test::kill_child_behind(steps, [&](std::function<void()> step) {
      if (!try_open().ok()) return;
      guard_->step = std::move(step);
      for (std::uint64_t slot = destroyed; slot < 60; ++slot) {
        if (!keyring_->destroy_subjects(books(), {slot}).ok()) return;
      }
      // Nothing is left; the process is killed all the same.
      while (keyring_->rotate(tenant(1), {}).ok()) {
      }
    });
    if (HasFatalFailure()) return;
    open();
    begin(60);
    ASSERT_TRUE(keyring_->verify().ok());
    std::uint64_t gone = 0;
    while (gone < 60 && state_of_slot(gone) == SubjectKeyState::destroyed) ++gone;
    ASSERT_GE(gone, destroyed) << "a key came back";
    for (std::uint64_t slot = gone; slot < 60; ++slot) ASSERT_EQ(key_of(slot), keys[slot]);
    destroyed = gone;
  }
  EXPECT_GT(destroyed, 0U) << "no round destroyed anything";
}

TEST_F(KeyringSubjects, APieceBelongsToItsPlace) {
  start_with_tenants(2);
  const RootName name{tenant(1), Purpose::subjects_live, 1};
  const Bytes pool = *make_pool(*keys(1), name, entropy_);
  ASSERT_EQ(check_pool(*keys(1), name, pool)->keys, kPoolSlots);
  const auto piece = [&pool](std::uint32_t index) {
    const PoolPiece where = pool_piece(index);
    return BytesView(pool).subspan(where.offset, where.size);
  };
  EXPECT_EQ(open_piece(*keys(1), name, 1, 5, piece(5))->state, SubjectKeyState::present);
  EXPECT_FALSE(open_piece(*keys(1), name, 1, 6, piece(5)).ok());
  EXPECT_FALSE(open_piece(*keys(2), name, 1, 5, piece(5)).ok());
  for (const RootName& other : {RootName{tenant(2), Purpose::subjects_live, 1},
                                RootName{tenant(1), Purpose::subjects_test, 1},
                                RootName{tenant(1), Purpose::subjects_live, 2}}) {
    EXPECT_FALSE(open_piece(*keys(1), other, 1, 5, piece(5)).ok()) << other.text();
  }
  Bytes changed = pool;
  changed[pool_piece(7).offset + 20] ^= 1U;
  EXPECT_FALSE(check_pool(*keys(1), name, changed).ok());
  changed.pop_back();
  EXPECT_FALSE(check_pool(*keys(1), name, changed).ok());
  EXPECT_FALSE(without_key(changed, 1).ok());
}

}  // namespace
}  // namespace florin::vault::keyring_subjects_test
