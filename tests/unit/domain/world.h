#pragma once
/// The smallest keeper of payment objects: it carries plans out as the engine would, so that whole
/// lives can be told in a test.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "daemon/domain/cancel.h"
#include "daemon/domain/decide.h"
#include "daemon/domain/expiry.h"
#include "daemon/domain/facts.h"

namespace florin::domain {

/// Distinct, in order of `n`.
inline Uuid test_uuid(std::uint64_t n) {
  ByteArray<10> random{};
  for (std::size_t i = 0; i < 8; ++i) random[2 + i] = static_cast<std::uint8_t>(n >> (56 - 8 * i));
  return Uuid::v7(1'790'000'000'000, random);
}

inline Currency euro() {
  return *Currency::parse("EUR");
}
inline Money eur(std::int64_t minor) {
  return *Money::make(minor, euro());
}

inline Outcome success_of(const Operation& operation) {
  Outcome out;
  out.outcome = OutcomeClass::succeeded;
  out.psp_reference = "psp_" + operation.id.text();
  out.reference = operation.id.text();
  out.amount = operation.amount;
  out.evidence = "answer 201";
  return out;
}

inline Outcome outcome_of(OutcomeClass outcome, const Operation& operation) {
  if (outcome == OutcomeClass::succeeded) return success_of(operation);
  Outcome out;
  out.outcome = outcome;
  if (outcome == OutcomeClass::declined || outcome == OutcomeClass::refused ||
      outcome == OutcomeClass::not_executed) {
    out.decline = Decline{DeclineCategory::soft, "insufficient_funds", "51"};
  }
  return out;
}

inline constexpr OutcomeClass kAllOutcomes[] = {
    OutcomeClass::succeeded,    OutcomeClass::declined, OutcomeClass::refused, OutcomeClass::unsent,
    OutcomeClass::not_executed, OutcomeClass::unknown,  OutcomeClass::pending};

inline bool is_open(CaptureStatus status) {
  return status == CaptureStatus::pending || status == CaptureStatus::unknown ||
         status == CaptureStatus::review;
}
inline bool is_open(RefundStatus status) {
  return status == RefundStatus::pending || status == RefundStatus::unknown ||
         status == RefundStatus::review;
}

inline Notice reversal_of(std::int64_t minor, std::string key = "rev_1") {
  return {.kind = FactKind::capture_reversed, .psp_key = std::move(key), .amount = eur(minor)};
}
inline Notice return_of(std::int64_t minor, std::string key = "ret_1") {
  return {.kind = FactKind::refund_returned, .psp_key = std::move(key), .amount = eur(minor)};
}
inline Notice dispute_of(std::int64_t minor, DisputeStage stage, DisputeStatus status,
                         UnixNanos at = 0, std::string name = "du_1") {
  return {.kind = FactKind::dispute,
          .psp_key = {},
          .amount = eur(minor),
          .told_at = at,
          .dispute = DisputeNotice{std::move(name), stage, status, "fraudulent", 77}};
}

class World {
 public:
  explicit World(std::int64_t minor = 10'000, CaptureMethod method = CaptureMethod::manual,
                 AuthorizationTime authorization = {}, bool can_increment = false)
      : payment_{.id = {test_uuid(next())}, .terms = {.amount = eur(minor)}},
        attempt_{.id = {test_uuid(next())}} {
    CreateCommand command{.payment = payment_.id,
                          .attempt = attempt_.id,
                          .connector = {test_uuid(next())},
                          .terms = {.merchant = {test_uuid(next())},
                                    .amount = eur(minor),
                                    .capture_method = method,
                                    .merchant_reference = "order-1",
                                    .payment_token = "tok_1",
                                    .metadata = "{}"},
                          .operation = new_operation(),
                          .authorization = authorization,
                          .can_increment = can_increment};
    apply(domain::create(command, now()));
  }

  /// A payment that waits for its confirmation.
  struct Unconfirmed {
    std::int64_t within_s = 1'800;
    CaptureMethod method = CaptureMethod::manual;
  };
  explicit World(Unconfirmed waits)
      : payment_{.id = {test_uuid(next())}, .terms = {.amount = eur(10'000)}} {
    apply(create_unconfirmed(payment_.id,
                             {.merchant = {test_uuid(next())},
                              .amount = eur(10'000),
                              .capture_method = waits.method,
                              .merchant_reference = "order-1",
                              .payment_token = "tok_1",
                              .metadata = "{}"},
                             waits.within_s, now()));
  }
  Result<OperationId> confirm(AuthorizationTime authorization = {}) {
    return take(domain::confirm(payment_,
                                {.attempt = {test_uuid(next())},
                                 .connector = {test_uuid(next())},
                                 .operation = new_operation(),
                                 .authorization = authorization,
                                 .can_increment = true},
                                now()));
  }
  /// The events of its end by time.
  Result<std::vector<std::string>> expire_unconfirmed(UnixNanos at) {
    auto plan = domain::expire_unconfirmed(payment_, at);
    if (!plan.ok()) return plan.error();
    apply(*plan);
    return plan->events;
  }

  Result<OperationId> capture(std::optional<Money> amount, bool final_capture = false) {
    return take(
        domain::capture(payment_, attempt_, {amount, final_capture, new_operation()}, now()));
  }
  Result<OperationId> increment(Money amount) {
    return take(domain::increment(payment_, attempt_, {amount, new_operation()}, now()));
  }
  Result<OperationId> void_rest() {
    return take(domain::void_rest(payment_, attempt_, new_operation(), now()));
  }
  Result<OperationId> refund(Money amount) {
    return take(domain::refund(payment_, attempt_, {amount, "return", new_operation()}, now()));
  }

  /// The events of the plan; nothing when the outcome changed nothing.
  std::optional<std::vector<std::string>> settle(const OperationId& id, const Outcome& outcome) {
    auto plan = domain::settle(life_of(id), outcome, now());
    if (!plan) return std::nullopt;
    apply(*plan);
    return plan->events;
  }
  std::optional<std::vector<std::string>> settle(const OperationId& id, OutcomeClass outcome) {
    return settle(id, outcome_of(outcome, operations_.at(id)));
  }
  /// What two people decide; the plan's events.
  Result<std::vector<std::string>> resolve(const OperationId& id, Verdict verdict,
                                           std::string psp_reference = {}) {
    auto plan = domain::resolve(life_of(id),
                                {verdict, Hash32{7}, "R-0042", std::move(psp_reference)}, now());
    if (!plan.ok()) return plan.error();
    apply(*plan);
    return plan->events;
  }
  /// The events of the request; what it sends is dispatched.
  Result<std::vector<std::string>> cancel() {
    auto plan = domain::cancel(payment_, attempt_, new_operation(), now());
    if (!plan.ok()) return plan.error();
    apply(*plan);
    return plan->events;
  }
  /// One step of a due cancellation: the operation that it sends, if any.
  std::optional<OperationId> cancel_step(LateSuccess rule = LateSuccess::reverse) {
    Plan plan = domain::cancel_step(payment_, attempt_, rule, new_operation(), now());
    const bool sends = plan.operation_changed;
    const OperationId id = plan.life.operation.id;
    apply(std::move(plan));
    return sends ? std::optional(id) : std::nullopt;
  }
  Result<OperationId> void_expiring() {
    return take(domain::void_expiring(payment_, attempt_, new_operation(), now()));
  }
  Result<std::vector<std::string>> expire() {
    auto plan = domain::expire(payment_, attempt_, now());
    if (!plan.ok()) return plan.error();
    apply(*plan);
    return plan->events;
  }
  /// Books a late fact; the plan's events. Nothing when it is early or was booked before.
  std::optional<std::vector<std::string>> tell(const OperationId& about, Notice notice) {
    notice.id = test_uuid(next());
    Life life = life_of(about);
    if (notice.dispute) {
      const auto known = disputes_.find(notice.dispute->psp_dispute);
      if (known != disputes_.end()) life.dispute = known->second;
    }
    auto plan = apply_fact(life, notice, now());
    if (!plan || !facts_.insert(fact_key(*plan->life.fact)).second) return std::nullopt;
    apply(*plan);
    return plan->events;
  }
  /// Carries out the present live operation with success.
  World& succeed() {
    EXPECT_TRUE(settle(payment_.live->id, OutcomeClass::succeeded).has_value());
    return *this;
  }

  [[nodiscard]] Life life_of(const OperationId& id) const {
    Life life{.payment = payment_, .attempt = attempt_, .operation = operations_.at(id)};
    const Uuid target = life.operation.target;
    if (life.operation.kind == OperationKind::capture) life.capture = captures_.at({target});
    if (life.operation.kind == OperationKind::sale) {
      const auto made = captures_.find({target});
      if (made != captures_.end()) life.capture = made->second;
    }
    if (life.operation.kind == OperationKind::refund) life.refund = refunds_.at({target});
    return life;
  }

  /// What must hold after every step of every life.
  void check() const {
    const Payment& p = payment_;
    for (const std::int64_t amount :
         {p.authorized, p.captured, p.released, p.refunded, p.capture_pending, p.refund_pending}) {
      ASSERT_GE(amount, 0);
    }
    ASSERT_LE(p.authorized, p.terms.amount.minor() + sum(MoneyFact::increased));
    ASSERT_LE(p.increments, kMaxIncrements);
    ASSERT_LE(p.captured + p.released + p.capture_pending, p.authorized);
    ASSERT_LE(p.reversed, p.captured);
    ASSERT_LE(p.returned, p.refunded);
    // Commands never give back more than there is; what acquirers take is not theirs to limit.
    if (disputes_.empty() && p.reversed == 0) {
      ASSERT_LE(p.refunded - p.returned + p.refund_pending, p.captured);
    }
    ASSERT_LE(p.captures, kMaxCaptures);
    ASSERT_LE(p.refunds, kMaxRefunds);
    ASSERT_EQ(sum(MoneyFact::authorized) + sum(MoneyFact::increased), p.authorized);
    ASSERT_EQ(sum(MoneyFact::captured), p.captured);
    ASSERT_EQ(sum(MoneyFact::released), p.released);
    ASSERT_EQ(sum(MoneyFact::refunded), p.refunded);
    ASSERT_EQ(sum(MoneyFact::capture_reversed), p.reversed);
    ASSERT_EQ(sum(MoneyFact::refund_returned), p.returned);
    std::int64_t withheld = 0, charged_back = 0;
    for (const auto& [name, dispute] : disputes_) {
      withheld += dispute.taken - dispute.lost;
      charged_back += dispute.lost;
    }
    ASSERT_EQ(withheld, p.disputed);
    ASSERT_EQ(charged_back, p.charged_back);
    ASSERT_EQ(sum(MoneyFact::dispute_taken) - sum(MoneyFact::dispute_returned),
              withheld + charged_back);
    ASSERT_EQ(sum(MoneyFact::dispute_lost) - sum(MoneyFact::dispute_lost_reversed), charged_back);
    std::int64_t captured = 0, capturing = 0, refunded = 0, refunding = 0;
    for (const auto& [id, capture] : captures_) {
      if (capture.status == CaptureStatus::succeeded || capture.status == CaptureStatus::reversed)
        captured += capture.amount.minor();
      if (is_open(capture.status)) capturing += capture.amount.minor();
    }
    for (const auto& [id, refund] : refunds_) {
      if (refund.status == RefundStatus::succeeded || refund.status == RefundStatus::returned)
        refunded += refund.amount.minor();
      if (is_open(refund.status)) refunding += refund.amount.minor();
    }
    ASSERT_EQ(captured, p.captured);
    ASSERT_EQ(capturing, p.capture_pending);
    ASSERT_EQ(refunded, p.refunded);
    ASSERT_EQ(refunding, p.refund_pending);
    ASSERT_EQ(captures_.size(), p.captures);
    ASSERT_EQ(refunds_.size(), p.refunds);
    int live = 0;
    for (const auto& [id, operation] : operations_) {
      if (has_ended(operation.state) || operation.kind == OperationKind::refund) continue;
      ++live;
      ASSERT_TRUE(p.live.has_value());
      ASSERT_EQ(p.live->id, id);
      ASSERT_EQ(p.live->kind, operation.kind);
      ASSERT_EQ(p.live->state, operation.state);
    }
    ASSERT_EQ(live, p.live ? 1 : 0);
    ASSERT_TRUE(!p.expiring || (p.live && p.live->kind == OperationKind::void_));
    ASSERT_LE(p.expiry_voids, kMaxExpiryVoids);
    ASSERT_TRUE(!p.expired || (p.captured == 0 && p.released == p.authorized));
    // A wish waits for what is live, and is due only when nothing is.
    ASSERT_TRUE(p.cancel != CancelState::requested || p.live.has_value());
    ASSERT_TRUE(p.cancel != CancelState::due || !p.live.has_value());
    ASSERT_GE(p.cancel_refund, 0);
    // Nothing went out before the confirmation.
    ASSERT_TRUE(!p.is_unconfirmed() || (operations_.empty() && p.attempt.value.is_nil()));
  }

  [[nodiscard]] std::vector<OperationId> open() const {
    std::vector<OperationId> out;
    for (const auto& [id, operation] : operations_)
      if (!has_ended(operation.state)) out.push_back(id);
    return out;
  }
  [[nodiscard]] std::vector<OperationId> all() const {
    std::vector<OperationId> out;
    for (const auto& [id, operation] : operations_) out.push_back(id);
    return out;
  }
  [[nodiscard]] std::int64_t sum(MoneyFact fact) const {
    std::int64_t total = 0;
    for (const Movement& movement : movements_)
      if (movement.fact == fact) total += movement.amount;
    return total;
  }

  [[nodiscard]] const Payment& payment() const { return payment_; }
  [[nodiscard]] const Attempt& attempt() const { return attempt_; }
  [[nodiscard]] const Operation& operation(const OperationId& id) const {
    return operations_.at(id);
  }
  [[nodiscard]] const std::map<CaptureId, Capture>& captures() const { return captures_; }
  [[nodiscard]] const std::map<RefundId, Refund>& refunds() const { return refunds_; }
  [[nodiscard]] const std::map<std::string, Dispute>& disputes() const { return disputes_; }
  [[nodiscard]] const std::vector<Fact>& facts() const { return fact_objects_; }
  [[nodiscard]] const std::vector<Movement>& movements() const { return movements_; }
  [[nodiscard]] PaymentStatus status() const { return status_of(payment_); }
  NewOperation new_operation() {
    return {.id = {test_uuid(next())}, .target = test_uuid(next()), .psp_key = "key"};
  }
  void apply(Plan plan) {
    for (const Movement& movement : plan.movements) {
      EXPECT_GT(movement.amount, 0);
      movements_.push_back(movement);
    }
    EXPECT_EQ(plan.life.payment.version, payment_.version);
    check_rows(plan);
    payment_ = plan.life.payment;
    ++payment_.version;
    if (plan.attempt_changed) {
      attempt_ = plan.life.attempt;
      ++attempt_.version;
    }
    if (plan.life.dispute) {
      ++plan.life.dispute->version;
      disputes_.insert_or_assign(plan.life.dispute->psp_dispute, *plan.life.dispute);
    }
    if (plan.life.fact) fact_objects_.push_back(*plan.life.fact);
    if (!plan.operation_changed) {
      keep_parts(plan);
      return;
    }
    ++plan.life.operation.version;
    operations_.insert_or_assign(plan.life.operation.id, plan.life.operation);
    keep_parts(plan);
  }

 private:
  void keep_parts(const Plan& plan) {
    if (plan.life.capture) captures_.insert_or_assign(plan.life.capture->id, *plan.life.capture);
    if (plan.life.refund) refunds_.insert_or_assign(plan.life.refund->id, *plan.life.refund);
  }
  // Whatever changes is a row of its machine.
  void check_rows(const Plan& plan) const {
    const PaymentStatus from = status_of(payment_);
    const PaymentStatus to = status_of(plan.life.payment);
    if (payment_.version > 0 && from != to) {
      EXPECT_TRUE(may_become(from, to))
          << payment_status_name(from) << " -> " << payment_status_name(to);
    }
    check_part(captures_, plan.life.capture);
    check_part(refunds_, plan.life.refund);
  }
  template <class Map, class Part>
  static void check_part(const Map& known, const std::optional<Part>& part) {
    if (!part) return;
    const auto before = known.find(part->id);
    if (before == known.end() || before->second.status == part->status) return;
    EXPECT_TRUE(may_become(before->second.status, part->status));
  }

  Result<OperationId> take(Result<Plan> plan) {
    if (!plan.ok()) return plan.error();
    const OperationId id = plan->life.operation.id;
    apply(*std::move(plan));
    return id;
  }
  std::uint64_t next() { return ++counter_; }
  UnixNanos now() { return 1'790'000'000 * kNanosPerSecond + static_cast<UnixNanos>(next()); }

  std::uint64_t counter_ = 0;
  Payment payment_;
  Attempt attempt_;
  std::map<OperationId, Operation> operations_;
  std::map<CaptureId, Capture> captures_;
  std::map<RefundId, Refund> refunds_;
  std::map<std::string, Dispute> disputes_;  // by the acquirer's name
  std::set<std::string> facts_;
  std::vector<Fact> fact_objects_;
  std::vector<Movement> movements_;
};

}  // namespace florin::domain
