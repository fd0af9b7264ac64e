// What ciphers keep expanded is forgotten, on whatever thread it is kept.
#include "base/key_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <thread>
#include <vector>

#include "base/aead.h"
#include "base/hash.h"

namespace florin::key_cache_test {
namespace {

Hash32 key_of(std::uint8_t number) {
  Hash32 key{};
  key.fill(number);
  return key;
}

void use_keys(std::uint8_t from) {
  for (std::uint8_t i = 0; i < 3; ++i) {
    const Hash32 key = key_of(static_cast<std::uint8_t>(from + i));
    const Bytes sealed = aead_seal(key, {}, {}, view_of("text"));
    ASSERT_EQ(text_of(*aead_open(key, {}, {}, sealed)), "text");
    hmac_sha256(key, {view_of("text")});
  }
}

TEST(KeyCache, EveryThreadForgets) {
  forget_keys();
  constexpr std::size_t kThreads = 4;
  // Three keys to seal, three to open, one of the digest: on each thread.
  constexpr std::size_t kKept = 7;
  std::barrier used(kThreads + 1);
  std::barrier forgotten(kThreads + 1);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      use_keys(static_cast<std::uint8_t>(10 * i));
      used.arrive_and_wait();
      forgotten.arrive_and_wait();
      // Keys that were forgotten are taken anew.
      use_keys(static_cast<std::uint8_t>(10 * i));
    });
  }
  used.arrive_and_wait();
  EXPECT_EQ(forget_keys(), kThreads * kKept);
  EXPECT_EQ(forget_keys(), 0U);
  forgotten.arrive_and_wait();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(forget_keys(), 0U) << "a thread takes its keys with it";
}

TEST(KeyCache, ForgettingWhileOthersSealHarmsNothing) {
  std::atomic<bool> stop = false;
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (std::uint8_t i = 0; i < 3; ++i) {
    threads.emplace_back([&, i] {
      const Hash32 key = key_of(i);
      while (!stop) {
        const Bytes sealed = aead_seal(key, {}, view_of("aad"), view_of("text"));
        const auto opened = aead_open(key, {}, view_of("aad"), sealed);
        if (!opened.ok() || text_of(*opened) != "text") ++wrong;
      }
    });
  }
  for (int i = 0; i < 2000; ++i) forget_keys();
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace florin::key_cache_test
