#pragma once
/// The payment as merchants see it, in answers and in events alike.
#include <vector>

#include "base/json.h"
#include "daemon/domain/dispute.h"
#include "daemon/domain/payment.h"

namespace florin::domain {

/// {"value", "currency", "exponent"}: whole minor units.
json::object render(const Money& money);
/// Shown within their payment, so they do not name it.
json::object render(const Capture& capture);
json::object render(const Refund& refund);
/// `mode` is "test" or "live".
json::object render(const Dispute& dispute, std::uint64_t version, std::string_view mode);
/// `version` is that of the stored payment that the rendering shows. `mode` is "test" or "live".
json::object render(const Payment& payment, std::uint64_t version, std::string_view mode,
                    const std::vector<Capture>& captures, const std::vector<Refund>& refunds);

}  // namespace florin::domain
