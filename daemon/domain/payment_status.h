#pragma once
/// The status of a payment: derived from its amounts, never stored. The table says which changes
/// there are; tests compare it with what whole lives do.
#include <cstdint>
#include <string_view>

#include "daemon/domain/machine.h"

namespace florin::domain {

struct Payment;

enum class PaymentStatus : std::uint8_t {
  requires_confirmation,
  processing,
  in_doubt,
  review,
  requires_capture,
  partially_captured,
  succeeded,
  failed,
  canceled,
  expired,
};
/// Derived from the stored amounts; nothing else decides it.
PaymentStatus status_of(const Payment& payment) noexcept;
std::string_view payment_status_name(PaymentStatus status) noexcept;

/// Whether the machine has a row between the two.
[[nodiscard]] bool may_become(PaymentStatus from, PaymentStatus to) noexcept;
/// Nothing leads on from here.
[[nodiscard]] bool is_terminal(PaymentStatus status) noexcept;

Machine payment_machine();

}  // namespace florin::domain
