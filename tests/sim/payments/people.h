#pragma once
/// Two operators who end what nothing else has ended: they look into the PSP's back office and
/// decide what they see there; where there is nothing they have the key cancelled first.
#include <set>

#include "machine.h"
#include "psp.h"

namespace florin::sim {

struct PeopleTally {
  std::uint64_t doubts = 0;    ///< decisions about what was unknown
  std::uint64_t reviews = 0;   ///< decisions about what contradicted the books
  std::uint64_t too_late = 0;  ///< a fact was first, or the daemon died
};

class People {
 public:
  /// `altered`: references of operations that somebody was told another amount of.
  People(Timeline& timeline, Dice& dice, Machine& machine, Psp& psp,
         const std::set<std::string>& altered, PeopleTally& tally)
      : timeline_(timeline),
        dice_(dice),
        machine_(machine),
        psp_(psp),
        altered_(altered),
        tally_(tally) {}

  void sabotage(Sabotage which) { sabotage_ = which; }
  /// Goes through the list of what is open; decides that many of a thousand doubts and reviews.
  void work(unsigned doubts_per_mille, unsigned reviews_per_mille);
  /// What they saw that must not be.
  [[nodiscard]] const std::vector<std::string>& complaints() const { return complaints_; }

 private:
  void decide(const OpenOperation& open);

  Timeline& timeline_;
  Dice& dice_;
  Machine& machine_;
  Psp& psp_;
  const std::set<std::string>& altered_;
  PeopleTally& tally_;
  Sabotage sabotage_ = Sabotage::none;
  std::vector<std::string> complaints_;
};

}  // namespace florin::sim
