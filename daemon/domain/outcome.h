#pragma once
/// What an acquirer can be asked to do, and what may have become of it.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/money.h"

namespace florin::domain {

/// One outbound call that moves money. `sale` = authorization with capture in one message.
enum class OperationKind : std::uint8_t {
  authorize = 1,
  sale = 2,
  capture = 3,
  void_ = 4,
  refund = 5,
  increment = 6,  ///< a greater authorization; its amount is what comes to it
};
inline constexpr OperationKind kLastOperationKind = OperationKind::increment;
std::string_view operation_kind_name(OperationKind kind) noexcept;

/// How a call ended. Only evidence may give anything but `unknown`.
enum class OutcomeClass : std::uint8_t {
  succeeded = 1,  ///< authenticated answer; amount, currency and reference are compared by the core
  declined = 2,   ///< authenticated answer with a decline code
  refused = 3,    ///< authenticated answer: the request itself was refused, nothing was executed
  unsent = 4,     ///< it is certain that no byte of the request left
  not_executed = 5,  ///< our key was cancelled there before anything was executed under it
  unknown = 6,       ///< everything else
  pending = 7,       ///< authenticated answer: taken, and its end will be told later
};
std::string_view outcome_class_name(OutcomeClass outcome) noexcept;

enum class DeclineCategory : std::uint8_t {
  soft = 1,
  hard = 2,
  fraud = 3,
  authentication = 4,
  technical = 5
};
std::string_view decline_category_name(DeclineCategory category) noexcept;

/// The unified decline: our code, and what the network said.
struct Decline {
  DeclineCategory category = DeclineCategory::technical;
  std::string code;          ///< ours, at most 32 characters, e.g. "insufficient_funds"
  std::string network_code;  ///< as received, at most 32 printable characters
  bool operator==(const Decline&) const = default;
};

inline constexpr std::size_t kMaxPspReference = 64;
inline constexpr std::size_t kMaxDeclineCode = 32;
inline constexpr std::size_t kMaxNetworkCode = 32;

/// A fact about one operation.
struct Outcome {
  OutcomeClass outcome = OutcomeClass::unknown;
  std::string psp_reference;       ///< the acquirer's name for what it made, at most 64 characters
  std::string reference;           ///< our reference as the acquirer repeats it
  std::optional<Money> amount;     ///< as the acquirer repeats it
  std::optional<Decline> decline;  ///< for declined, refused, not_executed
  std::string evidence;  ///< for the log: what proved it ("answer 201", "inquiry", "timed out")
};

}  // namespace florin::domain
