// Whole lives: whatever is asked for and however it ends, the amounts stay sound.
#include <algorithm>
#include <random>

#include "unit/domain/world.h"

namespace florin::domain::life_test {
namespace {

class RandomLife {
 public:
  explicit RandomLife(std::uint64_t seed)
      : random_(seed),
        world_(pick(1, 1'000), pick(0, 1) == 0 ? CaptureMethod::automatic : CaptureMethod::manual,
               {100, 10}, pick(0, 1) == 0) {}

  void run(int steps) {
    for (int step = 0; step < steps; ++step) {
      one();
      world_.check();
      if (::testing::Test::HasFatalFailure()) return;
      keep_monotonic();
    }
  }

 private:
  std::int64_t pick(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
  }

  void one() {
    const std::vector<OperationId> open = world_.open();
    if (world_.payment().cancel == CancelState::due) {
      world_.cancel_step(pick(0, 3) == 0 ? LateSuccess::accept : LateSuccess::reverse);
      return;
    }
    switch (pick(0, 9)) {
      case 0: {
        std::optional<Money> amount;
        if (pick(0, 2) > 0) amount = eur(pick(0, 400));
        const std::string allowed = allowed_commands(world_.payment());
        const bool taken = world_.capture(amount, pick(0, 4) == 0).ok();
        EXPECT_TRUE(!taken || allowed.starts_with("capture")) << allowed;
        break;
      }
      case 1: {
        const bool offered = allowed_commands(world_.payment()).find("void") != std::string::npos;
        EXPECT_EQ(world_.void_rest().ok(), offered);
        break;
      }
      case 2:
      case 3: {
        const bool offered = allowed_commands(world_.payment()).find("refund") != std::string::npos;
        EXPECT_TRUE(!world_.refund(eur(pick(0, 200))).ok() || offered);
        break;
      }
      case 4:
        tell_one();
        break;
      case 5: {
        const bool offered = allowed_commands(world_.payment()).find("cancel") != std::string::npos;
        const bool asked = pick(0, 3) == 0;
        EXPECT_TRUE(!asked || world_.cancel().ok() == offered);
        break;
      }
      case 6: {
        const std::string allowed = allowed_commands(world_.payment());
        const bool offered = allowed.find("increment") != std::string::npos;
        EXPECT_EQ(world_.increment(eur(pick(1, 100))).ok(), offered) << allowed;
        break;
      }
      case 7:
        if (pick(0, 5) == 0) (void)world_.void_expiring();
        if (pick(0, 9) == 0) (void)world_.expire();
        break;
      default:
        if (!open.empty()) settle_one(open);
    }
  }

  // Something that comes after the end, or before it, about any operation; sometimes twice.
  void tell_one() {
    const std::vector<OperationId> all = world_.all();
    const OperationId id =
        all[static_cast<std::size_t>(pick(0, static_cast<std::int64_t>(all.size()) - 1))];
    const std::string key = "k" + std::to_string(pick(0, 5));
    switch (world_.operation(id).kind) {
      case OperationKind::refund:
        world_.tell(id, return_of(pick(1, 200), key));
        break;
      case OperationKind::sale:
      case OperationKind::capture:
        if (pick(0, 1) == 0) {
          world_.tell(id, reversal_of(pick(1, 200), key));
          break;
        }
        [[fallthrough]];
      default:
        world_.tell(id, dispute_of(pick(1, 200), static_cast<DisputeStage>(pick(1, 4)),
                                   static_cast<DisputeStatus>(pick(1, 7)), pick(0, 3),
                                   "du_" + std::to_string(pick(0, 1))));
    }
  }

  void settle_one(const std::vector<OperationId>& open) {
    const auto last = static_cast<std::int64_t>(open.size()) - 1;
    const OperationId id = open[static_cast<std::size_t>(pick(0, last))];
    // Success twice as often as all else, or lives would be short.
    const auto index = static_cast<std::size_t>(std::max<std::int64_t>(0, pick(-5, 6)));
    Outcome outcome = outcome_of(kAllOutcomes[index], world_.operation(id));
    if (pick(0, 9) == 0) outcome.amount = eur(pick(0, 500));
    if (pick(0, 9) == 0) {
      const Verdict verdict = pick(0, 1) == 0 ? Verdict::succeeded : Verdict::not_executed;
      const bool waiting = world_.operation(id).state == OperationState::dispatched;
      EXPECT_EQ(world_.resolve(id, verdict).ok(), !waiting);
      return;
    }
    world_.settle(id, outcome);
    // An acquirer may change its mind after the end; that is told beside the life, not in it.
    if (pick(0, 19) == 0) world_.settle(id, OutcomeClass::succeeded);
  }

  // Counters only grow.
  void keep_monotonic() {
    const Payment& now = world_.payment();
    EXPECT_GE(now.authorized, before_.authorized);
    EXPECT_GE(now.captured, before_.captured);
    EXPECT_GE(now.released, before_.released);
    EXPECT_GE(now.refunded, before_.refunded);
    EXPECT_GE(now.reversed, before_.reversed);
    EXPECT_GE(now.returned, before_.returned);
    before_ = now;
  }

  std::mt19937_64 random_;
  World world_;
  Payment before_{.terms = {.amount = eur(0)}};
};

TEST(Life, RandomSequencesKeepTheInvariants) {
  const std::uint64_t first = std::random_device{}();
  for (std::uint64_t seed = first; seed < first + 2'000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomLife(seed).run(60);
    if (HasFailure()) FAIL() << "first seed that fails: " << seed;
  }
}

// Two refunds and a capture run in parallel; in whichever order their outcomes arrive, and whatever
// they are, the end is the same.
TEST(Life, TheOrderOfOutcomesDoesNotMatter) {
  struct Amounts {
    std::int64_t captured, released, refunded, capture_pending, refund_pending;
    PaymentStatus status;
    bool operator==(const Amounts&) const = default;
  };
  const auto run = [](const std::array<OutcomeClass, 3>& outcomes,
                      const std::array<int, 3>& order) {
    World world;
    world.succeed();
    EXPECT_TRUE(world.capture(eur(5'000)).ok());
    world.succeed();
    const std::array<OperationId, 3> ids = {*world.refund(eur(1'000)), *world.refund(eur(2'000)),
                                            *world.capture(eur(3'000), true)};
    for (const int at : order) {
      const auto index = static_cast<std::size_t>(at);
      world.settle(ids[index], outcomes[index]);
      world.check();
    }
    const Payment& p = world.payment();
    return Amounts{p.captured,        p.released,       p.refunded,
                   p.capture_pending, p.refund_pending, world.status()};
  };
  int combinations = 0;
  for (const OutcomeClass a : kAllOutcomes) {
    for (const OutcomeClass b : kAllOutcomes) {
      for (const OutcomeClass c : kAllOutcomes) {
        std::array<int, 3> order = {0, 1, 2};
        const Amounts expected = run({a, b, c}, order);
        while (std::next_permutation(order.begin(), order.end())) {
          EXPECT_EQ(run({a, b, c}, order), expected);
          ++combinations;
        }
      }
    }
  }
  EXPECT_EQ(combinations, 7 * 7 * 7 * 5);
}

}  // namespace
}  // namespace florin::domain::life_test
