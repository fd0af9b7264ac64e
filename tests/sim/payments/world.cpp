#include "world.h"

#include "base/hash.h"

namespace florin::sim {
namespace {

std::vector<House> make_houses(Timeline& timeline, Dice& dice) {
  std::vector<House> houses;
  houses.push_back(make_house(timeline, dice, 0, 3));
  houses.push_back(make_house(timeline, dice, 1, 1));
  return houses;
}

}  // namespace

World::World(std::uint64_t seed, Totals& totals, const Script& script)
    : totals_(totals),
      script_(script),
      dice_(seed),
      psp_(timeline_, dice_),
      network_(timeline_, dice_, psp_, totals.fates),
      machine_(timeline_, dice_, network_, make_houses(timeline_, dice_), script.sabotage),
      courier_(timeline_, dice_, machine_, network_, totals.notices),
      people_(timeline_, dice_, machine_, psp_, network_.altered(), totals.people),
      clients_(timeline_, dice_, machine_) {
  network_.sabotage(script.sabotage);
  courier_.sabotage(script.sabotage);
  people_.sabotage(script.sabotage);
  const unsigned faults = dice_.pick({20U, 100U, 300U, 600U});
  network_.set_faults(faults);
  courier_.set_faults(faults);
  psp_.on_executed(
      [this](std::size_t house, const json::object& record) { courier_.tell(house, record); });
}

void World::plan_lives() {
  to_come_ = script_.lives;
  std::int64_t begin = 0;
  for (std::uint64_t i = 0; i < script_.lives; ++i) {
    begin += dice_.between(0, 60 * kMillisecond);
    timeline_.in(begin, [this] {
      --to_come_;
      clients_.begin_life();
    });
  }
}

// Somewhere within the next steps; it comes back after a while.
void World::plan_crash() {
  if (stormy_) machine_.plan_crash(dice_.between(1, dice_.pick({300, 4'000})));
}

// In the storm they decide some of what they find; afterwards only what nobody else can decide.
void World::plan_people() {
  timeline_.in(dice_.between(5 * kSecond, 3 * kMinute), [this] {
    people_.work(stormy_ ? 500 : 0, stormy_ ? 100 : 1'000);
    if (!ended_) plan_people();
  });
}

bool World::step() {
  if (!timeline_.step()) return false;
  const std::uint64_t before = machine_.crashes();
  courier_.run();
  machine_.run();
  courier_.run();
  if (machine_.crashes() == before) return true;
  timeline_.in(dice_.between(0, 5 * kSecond), [this] {
    machine_.start();
    plan_crash();
  });
  return true;
}

void World::step_until(const std::function<bool()>& done, std::int64_t at_most_ns) {
  const UnixNanos end = timeline_.now() + at_most_ns;
  machine_.run();
  while (!done() && timeline_.now() < end && step()) {
  }
}

bool World::at_rest() const {
  return to_come_ == 0 && clients_.quiet() && network_.quiet() && courier_.quiet() &&
         machine_.serving() && machine_.unfinished() == 0;
}

std::vector<std::string> World::play() {
  machine_.start();
  plan_crash();
  plan_lives();
  plan_people();
  step_until([this] { return to_come_ == 0 && clients_.done(); }, 2 * kDay);
  // The weather clears up. What is left in doubt now must resolve by itself.
  stormy_ = false;
  machine_.plan_crash(-1);
  network_.set_faults(0);
  courier_.set_faults(0);
  step_until([this] { return at_rest(); }, 10 * kDay);
  std::vector<std::string> findings;
  if (!at_rest()) findings.emplace_back("there is no end to it");
  if (!machine_.serving()) return findings;
  // The reads of the last moment see everything.
  step_until([] { return false; }, kSecond);
  ended_ = true;
  contradict(findings);
  repeat(findings);
  findings.insert(findings.end(), people_.complaints().begin(), people_.complaints().end());
  Auditor auditor(machine_.houses(), clients_);
  const std::vector<std::string> wrong = auditor.audit(psp_.book());
  findings.insert(findings.end(), wrong.begin(), wrong.end());
  totals_.lives += clients_.lives().size();
  totals_.orders += clients_.orders().size();
  for (const Order& order : clients_.orders()) totals_.sends += order.sends;
  totals_.crashes += machine_.crashes();
  totals_.missed += psp_.missed();
  return findings;
}

void World::contradict(std::vector<std::string>& findings) {
  clients_.look();
  std::vector<std::string> before;
  for (const Life& life : clients_.lives()) before.push_back(life.view);
  courier_.contradict();
  step_until([] { return false; }, kMinute);
  if (!courier_.quiet()) findings.emplace_back("notices are not taken");
  clients_.look();
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (clients_.lives()[i].view == before[i]) continue;
    findings.push_back("a contradicting notice changed order-" + std::to_string(i));
  }
}

void World::repeat(std::vector<std::string>& findings) {
  const std::string before = signature();
  clients_.repeat_everything();
  step_until([] { return false; }, kMinute);
  // An answer is kept for seven days.
  timeline_.in(8 * kDay, [] {});
  step_until([] { return false; }, 8 * kDay);
  clients_.expect_tombstones();
  clients_.repeat_everything();
  step_until([] { return false; }, kMinute);
  if (signature() != before) findings.emplace_back("repeated requests changed something");
}

std::string World::signature() const {
  std::string all = json::write(psp_.book());
  for (const House& house : machine_.houses()) {
    all += to_hex(house.books->entries(0, 1'000'000)->back().leaf_hash);
    all += std::to_string(house.books->entries(0, 1'000'000)->size());
  }
  return to_hex(sha256(view_of(all)));
}

}  // namespace florin::sim
