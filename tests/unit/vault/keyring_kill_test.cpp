// A process that changes a keyring all the time is killed at any point; the next one goes on.
#include <random>

#include "keyring_fixture.h"
#include "support/killed_child.h"
#include "support/long_run.h"

namespace florin::vault::keyring_kill_test {
namespace {

class KeyringKill : public KeyringTest {
 protected:
  // Until it is killed: rotates tenants, moves to new key-encryption keys, destroys old ones.
  void change_for_ever(std::function<void()> step) {
    if (!try_open().ok()) return;
    guard_->step = std::move(step);
    for (std::uint8_t order = 1;; ++order) {
      bool good = keyring_->rotate(tenant(static_cast<std::uint8_t>(1 + order % 3)), {}).ok();
      if (order % 4 == 0) good = good && keyring_->rotate_kek({}).ok();
      if (order % 4 == 1) {
        auto moved = keyring_->rewrap();
        good = good && moved.ok();
        for (const std::uint32_t kek : guard_->keks()) {
          if (kek == keyring_->kek()) continue;
          // One that nobody knows was made by a ceremony that was cut short; the next one takes it.
          const auto destroyed = keyring_->destroy_kek(kek);
          good = good && (destroyed.ok() || destroyed.error().code() == Errc::not_found);
        }
      }
      if (!good) return;
    }
  }
};

TEST_F(KeyringKill, WhateverTheMomentTheKeyringIsWhole) {
  start_with_tenants(3);
  std::vector<Bytes> records;
  for (std::uint8_t number = 1; number <= 3; ++number) records.push_back(sealed(number, "kept"));
  const Bytes index = to_bytes(keys(1)->index_key("a")->view());
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < test::quick_or_long(25, 500); ++round) {
    keyring_.reset();
    const auto steps = static_cast<unsigned>(1 + random() % 60);
    test::kill_child_behind(
        steps, [this](std::function<void()> step) { change_for_ever(std::move(step)); });
    if (HasFatalFailure()) return;
    open();
    const auto report = keyring_->verify();
    ASSERT_TRUE(report.ok()) << report.error().to_log();
    for (std::uint8_t number = 1; number <= 3; ++number) {
      ASSERT_TRUE(opened(number, records[number - 1U]).ok()) << round;
      ASSERT_TRUE(opened(number, sealed(number, "new")).ok()) << round;
    }
    ASSERT_TRUE(keys(1)->index_key("a")->equals(index));
  }
  EXPECT_GT(keyring_->epoch(), 4U) << "no round changed anything";
}

// More roots than one change moves: each batch counts for itself, and nothing is between two keys.
TEST_F(KeyringKill, WrappingManyAnewIsTakenUpWhereItEnded) {
  start_with_tenants(130);
  const Bytes record = sealed(77, "kept");
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  // A batch wraps 256 roots and reads them back.
  constexpr unsigned kStepsOfABatch = 520;
  std::uint32_t kek = 1;
  std::size_t left = 0;
  for (int round = 0; round < test::quick_or_long(6, 100); ++round) {
    if (left == 0) {
      ASSERT_TRUE(keyring_->rotate_kek({}).ok());
      left = keyring_->left_to_rewrap();
      EXPECT_EQ(left, 262U) << "all but the canaries hang from kek/" << kek;
      ++kek;
    }
    keyring_.reset();
    const auto steps = static_cast<unsigned>(1 + random() % (2 * kStepsOfABatch));
    test::kill_child_behind(steps, [this](const std::function<void()>& step) {
      if (!try_open().ok()) return;
      guard_->step = step;
      for (;;) {
        if (!keyring_->rewrap().ok()) return;
        step();
      }
    });
    if (HasFatalFailure()) return;
    open();
    const auto report = keyring_->verify();
    ASSERT_TRUE(report.ok()) << report.error().to_log();
    EXPECT_EQ(report->roots, 262U);
    const std::size_t now = keyring_->left_to_rewrap();
    EXPECT_TRUE(now == left || now == 6 || now == 0) << now << " of " << left << " are left";
    EXPECT_LE(now, left);
    left = now;
    ASSERT_TRUE(opened(77, record).ok()) << round;
  }
  while (keyring_->left_to_rewrap() > 0) ASSERT_TRUE(keyring_->rewrap().ok());
  for (std::uint32_t old = 1; old < kek; ++old) {
    ASSERT_EQ(keyring_->wrapped_by(old), 0U) << old;
    ASSERT_TRUE(keyring_->destroy_kek(old).ok()) << old;
  }
  EXPECT_EQ(guard_->keks(), std::vector<std::uint32_t>{kek});
  ASSERT_TRUE(opened(77, record).ok());
}

}  // namespace
}  // namespace florin::vault::keyring_kill_test
