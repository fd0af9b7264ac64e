// The arena is one of the whole process, so each test has a process of its own.
#include "base/secret_arena.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <set>
#include <vector>

#include "base/secret.h"

namespace florin::secret_arena_test {
namespace {

constexpr std::size_t kBytes = 64 * 1024;
constexpr int kGood = 0;

// Zero when every condition in a child holds, else the line of the first that does not.
#define CHECK_OR_EXIT(condition) \
  if (!(condition)) ::_exit(__LINE__ % 200 + 1)

void secrets_come_from_it() {
  const auto before = locked_memory_bytes();
  CHECK_OR_EXIT(SecretArena::capacity() == 0);
  CHECK_OR_EXIT(SecretArena::open(kBytes).ok());
  const auto after = locked_memory_bytes();
  CHECK_OR_EXIT(before.ok() && after.ok() && *after >= *before + kBytes);
  CHECK_OR_EXIT(SecretArena::open(kBytes).error().code() == Errc::already_initialised);
  CHECK_OR_EXIT(SecretArena::capacity() == kBytes / SecretArena::kSlotBytes);
  std::vector<Secret> held;
  std::set<const std::uint8_t*> places;
  for (std::size_t i = 0; i < SecretArena::capacity(); ++i) {
    held.emplace_back(32);
    held.back().writable()[31] = 7;
    places.insert(held.back().view().data());
  }
  CHECK_OR_EXIT(SecretArena::used() == SecretArena::capacity());
  CHECK_OR_EXIT(places.size() == held.size());
  // Full: the next ones have regions of their own, and so have large ones.
  held.emplace_back(32);
  held.emplace_back(500);
  CHECK_OR_EXIT(!places.contains(held.back().view().data()));
  const std::uint8_t* const last = held[5].view().data();
  held.erase(held.begin() + 5);
  CHECK_OR_EXIT(SecretArena::used() == SecretArena::capacity() - 1);
  CHECK_OR_EXIT(last[31] == 0);  // overwritten when it was given back
  const Secret again(SecretArena::kLargestSecret);
  CHECK_OR_EXIT(again.view().data() == last);
  CHECK_OR_EXIT(again.equals(Bytes(SecretArena::kLargestSecret, 0)));
  held.clear();
  CHECK_OR_EXIT(SecretArena::used() == 1);
  ::_exit(kGood);
}

// Root may lock what it likes, so the child is nobody.
void cannot_be_locked(std::size_t limit) {
  const rlimit limits{limit, limit};
  CHECK_OR_EXIT(::setrlimit(RLIMIT_MEMLOCK, &limits) == 0);
  CHECK_OR_EXIT(::geteuid() != 0 || ::setresuid(65534, 65534, 65534) == 0);
  const auto opened = SecretArena::open(kBytes);
  CHECK_OR_EXIT(!opened.ok() && opened.error().code() == Errc::config_invalid);
  CHECK_OR_EXIT(opened.error().message().find("LimitMEMLOCK") != std::string::npos);
  ::_exit(kGood);
}

void a_neighbour_is_overwritten() {
  CHECK_OR_EXIT(SecretArena::open(kBytes).ok());
  Secret secret(32);
  // As a faulty copy would; `volatile` keeps the compiler from seeing it.
  volatile std::size_t behind = SecretArena::kLargestSecret;
  secret.writable().data()[behind] ^= 1U;
}

TEST(SecretArenaDeathTest, SmallSecretsComeFromItAndAreOverwritten) {
  EXPECT_EXIT(secrets_come_from_it(), ::testing::ExitedWithCode(kGood), "");
}

TEST(SecretArenaDeathTest, WithoutTheRightToLockThereIsNone) {
  for (const std::size_t limit : {std::size_t{0}, kBytes / 2}) {
    EXPECT_EXIT(cannot_be_locked(limit), ::testing::ExitedWithCode(kGood), "") << limit;
  }
}

TEST(SecretArenaDeathTest, WhoWritesOverTheBoundsEndsTheProcess) {
  EXPECT_DEATH(a_neighbour_is_overwritten(), "");
}

}  // namespace
}  // namespace florin::secret_arena_test
