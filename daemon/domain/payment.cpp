#include "daemon/domain/payment.h"

namespace florin::domain {

PaymentStatus status_of(const Payment& payment) noexcept {
  if (payment.live)
    return payment.live->unknown ? PaymentStatus::in_doubt : PaymentStatus::processing;
  if (payment.failed) return PaymentStatus::failed;
  const std::int64_t open = payment.authorized - payment.captured - payment.released;
  if (payment.captured == 0)
    return open > 0 ? PaymentStatus::requires_capture : PaymentStatus::canceled;
  return open > 0 ? PaymentStatus::partially_captured : PaymentStatus::succeeded;
}

std::string_view payment_status_name(PaymentStatus status) noexcept {
  switch (status) {
    case PaymentStatus::processing:
      return "processing";
    case PaymentStatus::in_doubt:
      return "in_doubt";
    case PaymentStatus::requires_capture:
      return "requires_capture";
    case PaymentStatus::partially_captured:
      return "partially_captured";
    case PaymentStatus::succeeded:
      return "succeeded";
    case PaymentStatus::failed:
      return "failed";
    case PaymentStatus::canceled:
      return "canceled";
  }
  return "";
}

std::string_view capture_status_name(CaptureStatus status) noexcept {
  switch (status) {
    case CaptureStatus::pending:
      return "pending";
    case CaptureStatus::succeeded:
      return "succeeded";
    case CaptureStatus::failed:
      return "failed";
    case CaptureStatus::unknown:
      return "unknown";
  }
  return "";
}

std::string_view refund_status_name(RefundStatus status) noexcept {
  switch (status) {
    case RefundStatus::pending:
      return "pending";
    case RefundStatus::succeeded:
      return "succeeded";
    case RefundStatus::failed:
      return "failed";
    case RefundStatus::unknown:
      return "unknown";
  }
  return "";
}

}  // namespace florin::domain
