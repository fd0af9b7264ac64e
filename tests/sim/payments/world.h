#pragma once
/// One history from its seed to the auditor's findings.
#include "auditor.h"
#include "courier.h"
#include "people.h"

namespace florin::sim {

/// Over several histories.
struct Totals {
  std::uint64_t lives = 0;
  std::uint64_t orders = 0;
  std::uint64_t sends = 0;
  std::uint64_t crashes = 0;
  std::uint64_t missed = 0;  ///< inquiries that saw nothing of what was executed
  FateTally fates{};
  NoticeTally notices;
  PeopleTally people;
};

struct Script {
  std::uint64_t lives = 1'000;
  Sabotage sabotage = Sabotage::none;
};

class World {
 public:
  World(std::uint64_t seed, Totals& totals, const Script& script = {});

  /// Lets everything happen, then lets the network heal, waits until nothing is left to do, and
  /// audits. Gives what is wrong.
  std::vector<std::string> play();
  /// Digest of the PSP's book and of all entries.
  [[nodiscard]] std::string signature() const;

 private:
  void plan_lives();
  void plan_crash();
  void plan_people();
  void step_until(const std::function<bool()>& done, std::int64_t at_most_ns);
  bool step();
  [[nodiscard]] bool at_rest() const;
  /// The PSP takes everything back, long after: no view changes by that.
  void contradict(std::vector<std::string>& findings);
  /// Every answer again, then, when their time has passed, none: and nothing is executed by that.
  void repeat(std::vector<std::string>& findings);

  Totals& totals_;
  Script script_;
  Dice dice_;
  Timeline timeline_;
  Psp psp_;
  FaultyNetwork network_;
  Machine machine_;
  Courier courier_;
  People people_;
  Clients clients_;
  std::uint64_t to_come_ = 0;
  bool stormy_ = true;
  bool ended_ = false;
};

}  // namespace florin::sim
