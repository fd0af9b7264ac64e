#pragma once
/// Stripe's codes of declines and refusals with ours (docs.stripe.com/declines/codes,
/// docs.stripe.com/error-codes).
#include <span>
#include <string_view>

#include "daemon/connectors/declines.h"

namespace florin::connectors::stripe_dialect {

/// The catalogue's code of a decline; "declined" when theirs is not in the table. `decline_code` is
/// looked up before `code`.
std::string_view our_decline(std::string_view decline_code, std::string_view code);
/// The catalogue's code of a request that was refused with a status of 400 or 404.
std::string_view our_refusal(std::string_view code, std::string_view parameter);
std::span<const DeclineMapping> declines();

}  // namespace florin::connectors::stripe_dialect
