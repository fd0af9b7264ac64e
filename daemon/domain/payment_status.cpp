#include "daemon/domain/payment_status.h"

#include "daemon/domain/payment.h"

namespace florin::domain {
namespace {

enum class Happening : std::uint8_t {
  dispatched,  ///< an authorization, capture, void or increment goes out
  doubt,
  pending,
  differs,
  authorized,  ///< or: a capture, void or increment of it failed
  captured_part,
  captured_all,  ///< or: the rest was released
  failed,
  released,
  expired,
  withdrawn,  ///< canceled before anything went out
};

std::string_view happening_name(Happening happening) noexcept {
  switch (happening) {
    case Happening::dispatched:
      return "operation dispatched";
    case Happening::doubt:
      return "outcome unknown";
    case Happening::pending:
      return "acquirer took it";
    case Happening::differs:
      return "answer differs";
    case Happening::authorized:
      return "authorized, nothing captured";
    case Happening::captured_part:
      return "captured in part";
    case Happening::captured_all:
      return "captured, rest released";
    case Happening::failed:
      return "authorization failed";
    case Happening::released:
      return "released, nothing captured";
    case Happening::expired:
      return "time is over";
    case Happening::withdrawn:
      return "canceled, nothing was asked for";
  }
  return "";
}

using Row = Transition<PaymentStatus, Happening>;
using H = Happening;
using enum PaymentStatus;

constexpr std::array kRows = {
    Row{requires_confirmation, H::dispatched, processing},
    Row{requires_confirmation, H::withdrawn, canceled},
    Row{requires_confirmation, H::expired, expired},
    Row{processing, H::doubt, in_doubt},
    Row{processing, H::differs, review},
    Row{processing, H::authorized, requires_capture},
    Row{processing, H::captured_part, partially_captured},
    Row{processing, H::captured_all, succeeded},
    Row{processing, H::failed, failed},
    Row{processing, H::released, canceled},
    Row{processing, H::expired, expired},
    Row{in_doubt, H::pending, processing},
    Row{in_doubt, H::differs, review},
    Row{in_doubt, H::authorized, requires_capture},
    Row{in_doubt, H::captured_part, partially_captured},
    Row{in_doubt, H::captured_all, succeeded},
    Row{in_doubt, H::failed, failed},
    Row{in_doubt, H::released, canceled},
    Row{in_doubt, H::expired, expired},
    Row{review, H::authorized, requires_capture},
    Row{review, H::captured_part, partially_captured},
    Row{review, H::captured_all, succeeded},
    Row{review, H::failed, failed},
    Row{review, H::released, canceled},
    Row{review, H::expired, expired},
    Row{requires_capture, H::dispatched, processing},
    Row{requires_capture, H::released, canceled},
    Row{requires_capture, H::expired, expired},
    Row{partially_captured, H::dispatched, processing},
    Row{partially_captured, H::captured_all, succeeded},
};

static_assert(is_deterministic(kRows) && every_row_moves(kRows));
static_assert(are_terminal(kRows, {succeeded, failed, canceled, expired}));
// Nothing but the end of a doubt leads out of it: no command does.
static_assert(!follow(kRows, in_doubt, H::dispatched) && !follow(kRows, review, H::dispatched));
static_assert(!follow(kRows, review, H::doubt));

}  // namespace

PaymentStatus status_of(const Payment& payment) noexcept {
  if (payment.live) {
    if (payment.live->state == OperationState::unknown) return in_doubt;
    return payment.live->state == OperationState::review ? review : processing;
  }
  if (payment.is_unconfirmed()) return requires_confirmation;
  if (payment.failed) return failed;
  const std::int64_t open = payment.authorized - payment.captured - payment.released;
  if (payment.captured == 0) {
    if (open > 0) return requires_capture;
    return payment.expired ? expired : canceled;
  }
  return open > 0 ? partially_captured : succeeded;
}

bool may_become(PaymentStatus from, PaymentStatus to) noexcept {
  return std::any_of(kRows.begin(), kRows.end(),
                     [&](const Row& row) { return row.from == from && row.to == to; });
}

bool is_terminal(PaymentStatus status) noexcept {
  return is_terminal(kRows, status);
}

std::string_view payment_status_name(PaymentStatus status) noexcept {
  switch (status) {
    case requires_confirmation:
      return "requires_confirmation";
    case processing:
      return "processing";
    case in_doubt:
      return "in_doubt";
    case review:
      return "review";
    case requires_capture:
      return "requires_capture";
    case partially_captured:
      return "partially_captured";
    case succeeded:
      return "succeeded";
    case failed:
      return "failed";
    case canceled:
      return "canceled";
    case expired:
      return "expired";
  }
  return "";
}

Machine payment_machine() {
  return {"payment", "what a merchant asked for", payment_status_name(requires_confirmation),
          edges_of(kRows, payment_status_name, happening_name)};
}

}  // namespace florin::domain
