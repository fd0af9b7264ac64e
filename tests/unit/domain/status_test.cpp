#include "unit/domain/world.h"

namespace florin::domain::status_test {
namespace {

TEST(PaymentStatus, IsDerivedFromAmounts) {
  enum class Live { none, running, unknown, review };
  struct Row {
    std::int64_t authorized, captured, released, refunded;
    bool failed;
    Live live;
    std::string_view status;
  };
  const Row rows[] = {
      {0, 0, 0, 0, false, Live::running, "processing"},
      {0, 0, 0, 0, false, Live::unknown, "in_doubt"},
      {0, 0, 0, 0, false, Live::review, "review"},
      {0, 0, 0, 0, true, Live::none, "failed"},
      {100, 0, 0, 0, false, Live::none, "requires_capture"},
      {100, 0, 0, 0, false, Live::running, "processing"},
      {100, 0, 0, 0, false, Live::unknown, "in_doubt"},
      {100, 40, 0, 0, false, Live::none, "partially_captured"},
      {100, 40, 0, 40, false, Live::none, "partially_captured"},
      {100, 40, 30, 0, false, Live::none, "partially_captured"},
      {100, 40, 0, 0, false, Live::running, "processing"},
      {100, 40, 0, 0, false, Live::unknown, "in_doubt"},
      {100, 40, 60, 0, false, Live::none, "succeeded"},
      {100, 100, 0, 0, false, Live::none, "succeeded"},
      {100, 100, 0, 30, false, Live::none, "succeeded"},
      {100, 100, 0, 100, false, Live::none, "succeeded"},
      {100, 1, 99, 1, false, Live::none, "succeeded"},
      {100, 0, 100, 0, false, Live::none, "canceled"},
      {100, 0, 60, 0, false, Live::none, "requires_capture"},
  };
  for (const Row& row : rows) {
    Payment payment{.terms = {.amount = eur(100)}};
    payment.authorized = row.authorized;
    payment.captured = row.captured;
    payment.released = row.released;
    payment.refunded = row.refunded;
    payment.failed = row.failed;
    if (row.live != Live::none) {
      payment.live = LiveOperation{{test_uuid(1)},
                                   OperationKind::capture,
                                   row.live == Live::unknown  ? OperationState::unknown
                                   : row.live == Live::review ? OperationState::review
                                                              : OperationState::dispatched};
    }
    EXPECT_EQ(payment_status_name(status_of(payment)), row.status)
        << row.authorized << " " << row.captured << " " << row.released << " " << row.refunded;
  }
}

TEST(PaymentStatus, WaitsForItsConfirmationAndNothingElse) {
  Payment payment{.terms = {.amount = eur(100)}};
  payment.confirm_before = 1;
  EXPECT_EQ(payment_status_name(status_of(payment)), "requires_confirmation");
  EXPECT_FALSE(is_terminal(status_of(payment)));
  payment.confirm_before = 0;
  EXPECT_EQ(status_of(payment), PaymentStatus::canceled);
  payment.expired = true;
  EXPECT_EQ(status_of(payment), PaymentStatus::expired);
}

// Whatever the amounts are, refunds and what is pending at them never change the status.
TEST(PaymentStatus, RefundsNeverChangeIt) {
  for (std::int64_t captured = 0; captured <= 4; ++captured) {
    for (std::int64_t released = 0; captured + released <= 4; ++released) {
      Payment payment{.terms = {.amount = eur(4)}};
      payment.authorized = 4;
      payment.captured = captured;
      payment.released = released;
      const PaymentStatus before = status_of(payment);
      for (payment.refunded = 0; payment.refunded <= captured; ++payment.refunded) {
        payment.refund_pending = captured - payment.refunded;
        EXPECT_EQ(status_of(payment), before);
      }
      const bool open = captured + released < 4;
      const PaymentStatus expected =
          captured == 0 ? (open ? PaymentStatus::requires_capture : PaymentStatus::canceled)
                        : (open ? PaymentStatus::partially_captured : PaymentStatus::succeeded);
      EXPECT_EQ(before, expected);
    }
  }
}

}  // namespace
}  // namespace florin::domain::status_test
