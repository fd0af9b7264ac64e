#pragma once
/// Amounts as Stripe writes them: whole numbers of a minor unit that is not always that of ISO
/// 4217.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/money.h"

namespace florin::connectors::stripe_dialect {

/// The number for the `amount` member; nothing when Stripe cannot express the amount or when it is
/// not certain how it would read it.
std::optional<std::int64_t> to_theirs(const Money& amount);
/// The amount that a number of theirs means; nothing when it means none of ours.
std::optional<Money> to_ours(std::int64_t theirs, std::string_view currency);
/// Lower-case code, as it stands in their requests and answers.
std::string currency_code(Currency currency);
/// False for currencies whose exponent there is not certain.
bool is_supported(Currency currency);

}  // namespace florin::connectors::stripe_dialect
