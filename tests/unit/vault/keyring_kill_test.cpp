// A process that changes a keyring all the time is killed at any point; the next one goes on.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <random>

#include "keyring_fixture.h"
#include "support/long_run.h"

namespace florin::vault {
namespace {

class KeyringKill : public KeyringTest {
 protected:
  // Until it is killed: rotates tenants, moves to new key-encryption keys, destroys old ones.
  [[noreturn]] void change_for_ever() {
    if (!try_open().ok()) ::_exit(1);
    for (std::uint8_t order = 1;; ++order) {
      bool good = keyring_->rotate(tenant(static_cast<std::uint8_t>(1 + order % 3)), {}).ok();
      if (order % 4 == 0) good = good && keyring_->rotate_kek({}).ok();
      if (order % 4 == 1) {
        auto moved = keyring_->rewrap();
        good = good && moved.ok();
        for (const std::uint32_t kek : guard_->keks()) {
          if (kek != keyring_->kek()) good = good && keyring_->destroy_kek(kek).ok();
        }
      }
      if (!good) ::_exit(2);
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
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) change_for_ever();
    // Where it is by then is chance; that is the point.
    ::usleep(static_cast<useconds_t>(500 + random() % 30'000));
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << WEXITSTATUS(status);
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

}  // namespace
}  // namespace florin::vault
