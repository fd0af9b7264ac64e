// Whatever order an acquirer's facts come in, with what is early kept and tried again: the end is
// the same.
#include <functional>
#include <numeric>

#include "unit/domain/world.h"

namespace florin::domain::permutation_test {
namespace {

using Stage = DisputeStage;
using Status = DisputeStatus;
/// Says something; true when it was news.
using Step = std::function<bool(World&)>;

Step outcome_step(OperationId id, OutcomeClass outcome) {
  return [id, outcome](World& world) { return world.settle(id, outcome).has_value(); };
}
Step notice_step(OperationId about, Notice notice) {
  return [about, notice](World& world) { return world.tell(about, notice).has_value(); };
}

// All that a reader of the books could tell apart, but for times.
std::string end_of(const World& world) {
  std::string out(payment_status_name(world.status()));
  const auto add = [&out](std::string_view name, std::int64_t value) {
    out += "\n" + std::string(name) + " " + std::to_string(value);
  };
  const Payment& p = world.payment();
  const std::int64_t amounts[] = {p.authorized,      p.captured,      p.released, p.refunded,
                                  p.reversed,        p.returned,      p.disputed, p.charged_back,
                                  p.capture_pending, p.refund_pending};
  for (const std::int64_t amount : amounts) add("amount", amount);
  for (const auto& [id, capture] : world.captures()) {
    add(capture_status_name(capture.status), capture.reversed);
  }
  for (const auto& [id, refund] : world.refunds()) {
    add(refund_status_name(refund.status), refund.returned);
  }
  for (const auto& [name, dispute] : world.disputes()) {
    add(name + std::string(dispute_stage_name(dispute.stage)), dispute.taken);
    add(dispute_status_name(dispute.status), dispute.lost);
    add("facts", dispute.facts);
  }
  std::map<std::pair<AccountRole, BookLayer>, std::int64_t> balances;
  for (const Movement& movement : world.movements()) {
    for (const PostingRule& rule : posting_rules(movement.fact)) {
      balances[{rule.debit, rule.layer}] += movement.amount;
      balances[{rule.credit, rule.layer}] -= movement.amount;
    }
  }
  for (const auto& [account, amount] : balances) {
    if (amount != 0) add("account " + std::to_string(static_cast<int>(account.first)), amount);
  }
  return out;
}

std::string end_in_order(World world, const std::vector<Step>& steps,
                         const std::vector<std::size_t>& order) {
  std::vector<std::size_t> parked;
  for (const std::size_t at : order) {
    if (!steps[at](world)) parked.push_back(at);
    for (bool more = true; more;) {
      more = false;
      for (auto& waiting : parked) {
        if (waiting == steps.size() || !steps[waiting](world)) continue;
        waiting = steps.size();
        more = true;
      }
      std::erase(parked, steps.size());
    }
    world.check();
  }
  return end_of(world);
}

void expect_one_end(const World& world, const std::vector<Step>& steps) {
  std::vector<std::size_t> order(steps.size());
  std::iota(order.begin(), order.end(), 0);
  const std::string expected = end_in_order(world, steps, order);
  int orders = 1;
  while (std::next_permutation(order.begin(), order.end())) {
    ASSERT_EQ(end_in_order(world, steps, order), expected);
    ++orders;
  }
  int all = 1;
  for (int n = 2; n <= static_cast<int>(steps.size()); ++n) all *= n;
  EXPECT_EQ(orders, all);
}

TEST(Permutations, ASaleWithReversalAndDispute) {
  const World world(10'000, CaptureMethod::automatic);
  const OperationId sale = world.payment().live->id;
  expect_one_end(
      world,
      {outcome_step(sale, OutcomeClass::unknown), outcome_step(sale, OutcomeClass::succeeded),
       notice_step(sale, reversal_of(4'000)), notice_step(sale, reversal_of(4'000)),
       notice_step(sale, dispute_of(3'000, Stage::chargeback, Status::needs_response, 1)),
       notice_step(sale, dispute_of(3'000, Stage::chargeback, Status::lost, 2))});
}

TEST(Permutations, ASaleThatWasDeclinedAndIsDisputedAllTheSame) {
  const World world(10'000, CaptureMethod::automatic);
  const OperationId sale = world.payment().live->id;
  expect_one_end(
      world, {outcome_step(sale, OutcomeClass::unknown), outcome_step(sale, OutcomeClass::declined),
              notice_step(sale, reversal_of(500)),
              notice_step(sale, dispute_of(900, Stage::inquiry, Status::under_review, 1)),
              notice_step(sale, dispute_of(900, Stage::chargeback, Status::under_review, 2)),
              notice_step(sale, dispute_of(900, Stage::chargeback, Status::won, 3))});
}

TEST(Permutations, RefundsAndReturnsOfAPayment) {
  World world(10'000, CaptureMethod::automatic);
  const OperationId sale = world.payment().live->id;
  world.succeed();
  const OperationId first = *world.refund(eur(4'000));
  const OperationId second = *world.refund(eur(6'000));
  expect_one_end(
      world,
      {outcome_step(first, OutcomeClass::pending), outcome_step(first, OutcomeClass::succeeded),
       notice_step(first, return_of(1'500)), outcome_step(second, OutcomeClass::unknown),
       outcome_step(second, OutcomeClass::not_executed),
       notice_step(sale, dispute_of(10'000, Stage::chargeback, Status::accepted, 1))});
}

TEST(Permutations, CaptureRefundAndReversalInParallel) {
  World world;
  world.succeed();
  const OperationId one = *world.capture(eur(5'000));
  world.succeed();
  const OperationId refund = *world.refund(eur(1'000));
  const OperationId two = *world.capture(eur(5'000), true);
  expect_one_end(
      world,
      {notice_step(one, reversal_of(2'000, "a")), outcome_step(refund, OutcomeClass::succeeded),
       notice_step(refund, return_of(1'000)), outcome_step(two, OutcomeClass::pending),
       outcome_step(two, OutcomeClass::succeeded), notice_step(two, reversal_of(5'000, "b"))});
}

TEST(Permutations, SixNoticesOfOneDispute) {
  World world(10'000, CaptureMethod::automatic);
  const OperationId sale = world.payment().live->id;
  world.succeed();
  // The amount of the latest word counts; so does its stage before its time.
  expect_one_end(
      world,
      {notice_step(sale, dispute_of(3'000, Stage::inquiry, Status::needs_response, 9)),
       notice_step(sale, dispute_of(3'000, Stage::chargeback, Status::needs_response, 2)),
       notice_step(sale, dispute_of(3'000, Stage::chargeback, Status::won, 3)),
       notice_step(sale, dispute_of(2'500, Stage::pre_arbitration, Status::needs_response, 4)),
       notice_step(sale, dispute_of(2'500, Stage::pre_arbitration, Status::under_review, 5)),
       notice_step(sale, dispute_of(2'000, Stage::arbitration, Status::lost, 6))});
}

// What is due by time takes its turn like everything else.
Step expiry_step_of(bool in_time) {
  return [in_time](World& world) {
    if (expiry_step(world.payment(), INT64_MAX) == ExpiryStep::nothing) return false;
    if (!in_time) return world.expire().ok();
    const auto id = world.void_expiring();
    return id.ok() && world.settle(*id, OutcomeClass::succeeded).has_value();
  };
}

TEST(Permutations, AnExpiryAmongTheFactsOfItsPayment) {
  for (const bool in_time : {false, true}) {
    World world(10'000, CaptureMethod::manual, {100, 10});
    const OperationId authorization = world.payment().live->id;
    world.succeed();
    const OperationId one = *world.capture(eur(3'000));
    world.succeed();
    const OperationId refund = *world.refund(eur(1'000));
    const OperationId two = *world.capture(eur(4'000));
    expect_one_end(
        world,
        {expiry_step_of(in_time), outcome_step(two, OutcomeClass::unknown),
         outcome_step(two, OutcomeClass::succeeded), notice_step(one, reversal_of(2'000, "a")),
         outcome_step(refund, OutcomeClass::succeeded),
         notice_step(authorization, dispute_of(500, Stage::chargeback, Status::lost, 1))});
  }
}

TEST(Permutations, AVoidOfAnExpiryThatWasLost) {
  World world(10'000, CaptureMethod::manual, {100, 10});
  const OperationId authorization = world.payment().live->id;
  world.succeed();
  ASSERT_TRUE(world.capture(eur(3'000)).ok());
  world.succeed();
  const OperationId refund = *world.refund(eur(1'000));
  const OperationId released = *world.void_expiring();
  expect_one_end(
      world, {expiry_step_of(false), outcome_step(released, OutcomeClass::unknown),
              outcome_step(released, OutcomeClass::declined), notice_step(refund, return_of(1'000)),
              outcome_step(refund, OutcomeClass::succeeded),
              notice_step(authorization, dispute_of(500, Stage::chargeback, Status::lost, 1))});
}

TEST(Permutations, AnIncrementAmongTheFactsOfItsPayment) {
  for (const OutcomeClass ending : {OutcomeClass::succeeded, OutcomeClass::declined}) {
    World world(10'000, CaptureMethod::manual, {100, 10}, true);
    const OperationId authorization = world.payment().live->id;
    world.succeed();
    const OperationId more = *world.increment(eur(2'000));
    expect_one_end(
        world, {expiry_step_of(false), outcome_step(more, OutcomeClass::unknown),
                outcome_step(more, OutcomeClass::pending), outcome_step(more, ending),
                notice_step(authorization, dispute_of(500, Stage::chargeback, Status::lost, 1)),
                notice_step(authorization, dispute_of(500, Stage::arbitration, Status::won, 2))});
  }
}

TEST(Permutations, NoticesWithoutTimes) {
  World world(10'000, CaptureMethod::automatic);
  const OperationId sale = world.payment().live->id;
  world.succeed();
  std::vector<Step> steps;
  for (const Status status : {Status::needs_response, Status::under_review, Status::lost}) {
    steps.push_back(notice_step(sale, dispute_of(3'000, Stage::chargeback, status)));
    steps.push_back(notice_step(sale, dispute_of(100, Stage::chargeback, status, 0, "du_2")));
  }
  expect_one_end(world, steps);
}

}  // namespace
}  // namespace florin::domain::permutation_test
