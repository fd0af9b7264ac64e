#pragma once
/// The unified decline catalogue: one table of what a payment's end can mean, whoever the PSP is.
/// Connectors map their codes into it; nothing else makes decline codes. Pure.
#include <cstdint>
#include <span>
#include <string_view>

#include "base/json.h"
#include "daemon/domain/outcome.h"

namespace florin::connectors {

/// What to do next with the same payment.
enum class DeclineAdvice : std::uint8_t {
  retry_later = 1,      ///< the same card may be good later; see `retry_after_s`
  other_method = 2,     ///< another card or way to pay
  authenticate = 3,     ///< the payer has to prove who he is
  correct_data = 4,     ///< what was entered is wrong
  never_again = 5,      ///< not with this card, ever
  correct_request = 6,  ///< the request does not fit the payment; nothing was done
  operator_acts = 7,    ///< the connector's set-up or the provider needs a look
};
std::string_view decline_advice_name(DeclineAdvice advice) noexcept;

struct DeclineEntry {
  std::string_view code;
  domain::DeclineCategory category;
  DeclineAdvice advice;
  std::int64_t retry_after_s;  ///< 0 = no time is known
  std::string_view meaning;
};

/// All entries, ordered by code.
std::span<const DeclineEntry> decline_catalogue() noexcept;
/// The entry of a code; the one of "declined" when there is none.
const DeclineEntry& find_decline(std::string_view code) noexcept;

/// One row of a connector's own table: its code, ours.
struct DeclineMapping {
  std::string_view theirs;
  std::string_view ours;
};

/// The catalogue as a document.
json::value declines_to_json();

}  // namespace florin::connectors
