#pragma once
/// Every choice of a history comes from one generator: the same seed is the same history.
#include <random>

#include "base/entropy.h"

namespace florin::sim {

class Dice final : public Entropy {
 public:
  explicit Dice(std::uint64_t seed) : generator_(seed) {}

  /// 0 .. n - 1; n > 0. The remainder's bias does not matter here.
  std::uint64_t below(std::uint64_t n) { return generator_() % n; }
  /// Both ends included.
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
  }
  bool per_mille(unsigned chance) { return below(1000) < chance; }
  /// One of a braced list.
  template <class T>
  T pick(std::initializer_list<T> from) {
    return *(from.begin() + below(from.size()));
  }
  void fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(generator_());
  }

 private:
  std::mt19937_64 generator_;
};

}  // namespace florin::sim
