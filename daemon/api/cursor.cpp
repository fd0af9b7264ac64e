#include "daemon/api/cursor.h"

#include "base/secret.h"

namespace florin::api {

namespace {

std::string cursor_of(const engine::Context& context, const MerchantId& merchant,
                      std::string_view list, const Uuid& position) {
  const std::string text = position.text();
  return text + to_hex(context.fingerprint("cursor", list, merchant.text(), text));
}

Result<Uuid> position_of(const engine::Context& context, const MerchantId& merchant,
                         std::string_view list, std::string_view text) {
  constexpr std::size_t position_size = 26;
  if (auto position = Uuid::parse(text.substr(0, position_size)); position.ok()) {
    const std::string made = cursor_of(context, merchant, list, *position);
    if (equal_constant_time(view_of(made), view_of(text))) return position;
  }
  return Error(Errc::malformed_value, "cursor", "this cursor was not given for this list");
}

constexpr std::string_view kPayments = "payments";
constexpr std::string_view kDisputes = "disputes";

}  // namespace

std::string make_cursor(const engine::Context& context, const MerchantId& merchant,
                        const PaymentId& position) {
  return cursor_of(context, merchant, kPayments, position.value);
}

std::string make_cursor(const engine::Context& context, const MerchantId& merchant,
                        const domain::DisputeId& position) {
  return cursor_of(context, merchant, kDisputes, position.value);
}

Result<PaymentId> open_cursor(const engine::Context& context, const MerchantId& merchant,
                              std::string_view text) {
  FLORIN_TRY(const Uuid position, position_of(context, merchant, kPayments, text));
  return PaymentId{position};
}

Result<domain::DisputeId> open_dispute_cursor(const engine::Context& context,
                                              const MerchantId& merchant, std::string_view text) {
  FLORIN_TRY(const Uuid position, position_of(context, merchant, kDisputes, text));
  return domain::DisputeId{position};
}

}  // namespace florin::api
