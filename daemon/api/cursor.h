#pragma once
/// Opaque cursors of lists: a position with a keyed digest, so that an edited cursor, or one of
/// another merchant, is refused instead of showing a page.
#include <string>

#include "daemon/domain/dispute.h"
#include "daemon/engine/context.h"

namespace florin::api {

std::string make_cursor(const engine::Context& context, const MerchantId& merchant,
                        const PaymentId& position);
std::string make_cursor(const engine::Context& context, const MerchantId& merchant,
                        const domain::DisputeId& position);
/// Error: `malformed_value` naming "cursor".
Result<PaymentId> open_cursor(const engine::Context& context, const MerchantId& merchant,
                              std::string_view text);
Result<domain::DisputeId> open_dispute_cursor(const engine::Context& context,
                                              const MerchantId& merchant, std::string_view text);

}  // namespace florin::api
