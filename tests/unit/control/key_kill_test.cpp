// A process that rotates keys under load is killed at any point; the next start goes on.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <random>
#include <thread>

#include "daemon/control/audit_note.h"
#include "key_world.h"
#include "support/long_run.h"

namespace florin::control {
namespace {

class KeyKill : public KeyWorld {
 protected:
  // Until it is killed.
  [[noreturn]] void rotate_for_ever(int ready) {
    open();
    if (!keys_->resume().ok()) ::_exit(1);
    const auto books = appliance_->ledger_of((*appliance_->tenant("acme")).id, ledger::Mode::test);
    std::thread([this, books] {
      while (append_note(*books->books, "load", 1, clock_, entropy_).ok()) continue;
      ::_exit(2);
    }).detach();
    const char begun = 'b';
    if (::write(ready, &begun, 1) != 1) ::_exit(3);
    for (std::uint8_t order = 0;; ++order) {
      ApprovedRequest each = request(order);
      each.id = new_uuid(clock_, entropy_);
      const bool kek = order % 5 == 4;
      if (!keys_->rotate(kek ? "kek" : canonical_, each).ok()) ::_exit(4);
      each.id = new_uuid(clock_, entropy_);
      if (kek && !keys_->rewrap(each).ok()) ::_exit(5);
    }
  }
  void kill_one_at_chance(std::mt19937_64& random) {
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) rotate_for_ever(pipe[1]);
    ::close(pipe[1]);
    char begun = 0;
    EXPECT_EQ(::read(pipe[0], &begun, 1), 1) << "the child ended before it began";
    ::close(pipe[0]);
    // Where it is by then is chance; that is the point.
    ::usleep(static_cast<useconds_t>(random() % 250'000));
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << WEXITSTATUS(status);
  }
  std::string canonical_;
};

TEST_F(KeyKill, WhateverTheMomentAllRecordsOpenAndVersionsMeet) {
  const domain::Tenant tenant = add_tenant("acme");
  canonical_ = *keys_->canonical_key("acme");
  const std::string key_id = furnish(tenant);
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  std::uint32_t version = 1;
  for (int round = 0; round < test::quick_or_long(8, 50); ++round) {
    close();
    kill_one_at_chance(random);
    if (HasFatalFailure()) return;
    open();
    ASSERT_TRUE(secret_of(key_id)->equals(secret_)) << round;
    const auto resumed = keys_->resume();
    ASSERT_TRUE(resumed.ok()) << resumed.error().to_log();
    const std::uint32_t active =
        (*appliance_->ledger_of(tenant.id, ledger::Mode::test)).keys->active_version();
    ASSERT_GE(active, version);
    version = active;
    ASSERT_EQ(version_of(key_id), active) << "what was left is moved";
    ASSERT_TRUE(secret_of(key_id)->equals(secret_));
    const auto report = keys_->verify();
    ASSERT_TRUE(report.ok()) << report.error().to_log();
    const std::string name = canonical_ + "/" + std::to_string(active);
    ASSERT_EQ(keys_->show(name)->at("records").to_number<int>(), 3);
  }
  EXPECT_GT(version, 1U) << "no round rotated anything";
}

}  // namespace
}  // namespace florin::control
