#include "daemon/api/cursor.h"

#include "base/secret.h"

namespace florin::api {

std::string make_cursor(const engine::Context& context, const MerchantId& merchant,
                        const PaymentId& position) {
  const std::string text = position.value.text();
  return text + to_hex(context.fingerprint("cursor", "payments", merchant.text(), text));
}

Result<PaymentId> open_cursor(const engine::Context& context, const MerchantId& merchant,
                              std::string_view text) {
  constexpr std::size_t position_size = 26;
  if (auto position = Uuid::parse(text.substr(0, position_size)); position.ok()) {
    const PaymentId id{*position};
    if (equal_constant_time(view_of(make_cursor(context, merchant, id)), view_of(text))) return id;
  }
  return Error(Errc::malformed_value, "cursor", "this cursor was not given for this list");
}

}  // namespace florin::api
