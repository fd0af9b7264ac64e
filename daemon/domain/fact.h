#pragma once
/// A late fact as it is stored: written once, never changed.
#include <cstdint>
#include <optional>
#include <string>

#include "daemon/domain/dispute.h"

namespace florin::domain {

enum class FactKind : std::uint8_t {
  late_success = 1,      ///< of an operation that had ended as not executed
  capture_reversed = 2,  ///< a capture was taken back by the acquirer
  refund_returned = 3,   ///< a refund came back from the payer's bank
  dispute = 4,
};
std::string_view fact_kind_name(FactKind kind) noexcept;

inline constexpr std::size_t kMaxFactKey = 64;

/// What an acquirer says after the end, as its notice gives it.
struct LateNotice {
  FactKind kind{};      ///< not `late_success`
  std::string psp_key;  ///< what makes it one fact at the acquirer, at most kMaxFactKey
  Money amount;
  std::optional<DisputeNotice> dispute;  ///< kind `dispute` only
  bool operator==(const LateNotice&) const = default;
};

struct Fact {
  Uuid id;
  std::uint64_t version = 0;
  FactKind kind{};
  PaymentId payment;
  ConnectorId connector;
  Uuid subject;  ///< the operation, capture, refund or dispute
  Money amount;
  std::string psp_key;
  UnixNanos told_at = 0;
  UnixNanos recorded_at = 0;
  std::optional<DisputeNotice> dispute;
};

}  // namespace florin::domain
