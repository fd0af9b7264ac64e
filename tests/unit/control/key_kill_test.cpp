// A process that rotates keys under load is killed at any point; the next start goes on.
#include <unistd.h>

#include <atomic>
#include <random>
#include <thread>

#include "daemon/control/audit_note.h"
#include "key_world.h"
#include "support/killed_child.h"
#include "support/long_run.h"

namespace florin::control::key_kill_test {
namespace {

class KeyKill : public KeyWorld {
 protected:
  // Until it is killed; returns only when something failed.
  void rotate_for_ever(const std::function<void()>& step) {
    open();
    if (!keys_->resume().ok()) return;
    const auto books = appliance_->ledger_of((*appliance_->tenant("acme")).id, ledger::Mode::test);
    guard_->step = step;
    std::atomic<bool> good = true;
    const std::jthread load([this, books, &good, &step] {
      while (append_note(*books->books, "load", 1, clock_, entropy_).ok()) step();
      good = false;
    });
    for (std::uint8_t order = 0; good; ++order) {
      ApprovedRequest each = request(order);
      each.id = new_uuid(clock_, entropy_);
      const bool kek = order % 5 == 4;
      if (!keys_->rotate(kek ? "kek" : canonical_, each).ok()) ::_exit(4);
      each.id = new_uuid(clock_, entropy_);
      if (kek && !keys_->rewrap(each).ok()) ::_exit(5);
    }
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
    const auto steps = static_cast<unsigned>(1 + random() % 150);
    test::kill_child_behind(steps,
                            [this](const std::function<void()>& step) { rotate_for_ever(step); });
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
    // Credential, connector, endpoint, and the pool of subject keys.
    ASSERT_EQ(keys_->show(name)->at("records").to_number<int>(), 4);
  }
  EXPECT_GT(version, 1U) << "no round rotated anything";
}

}  // namespace
}  // namespace florin::control::key_kill_test
