#pragma once
#include <gtest/gtest.h>

#include <string>

#include "unit/connectors/sandbox_fixture.h"

namespace florin::connectors {

inline constexpr std::string_view kIntent = "pi_3MtwBwLkdIwHu7ix28a3tqPa";

class StripeFixture : public ::testing::Test {
 protected:
  static OperationRequest request(domain::OperationKind kind) {
    OperationRequest out{
        .kind = kind,
        .psp_key = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
        .reference = "op_01ARZ3NDEKTSV4RRFFQ69G5FAV",
        .amount = *Money::make(129'900, *Currency::parse("EUR")),
        .payment_token = {},
        .psp_reference = {},
        .merchant_reference = {},
        .final_capture = false,
        .capturable = 129'900,
        .replay = false};
    if (kind == domain::OperationKind::authorize || kind == domain::OperationKind::sale) {
      out.payment_token = "pm_card_visa";
      out.merchant_reference = "order \"7\" & \xC3\xA9";
    } else {
      out.psp_reference = kIntent;
    }
    return out;
  }

  // An intent as it stands after its life so far; members that decide, and some that do not.
  static std::string intent(std::string_view status, int capturable, int received,
                            const std::string& more = {}) {
    return R"({"id":"pi_3MtwBwLkdIwHu7ix28a3tqPa","object":"payment_intent","amount":129900,)"
           R"("amount_capturable":)" +
           std::to_string(capturable) + R"(,"amount_received":)" + std::to_string(received) +
           R"(,"capture_method":"manual","currency":"eur","livemode":false,"created":1680800504,)"
           R"("metadata":{"operation":"op_01ARZ3NDEKTSV4RRFFQ69G5FAV"},"next_action":null)" +
           more + R"(,"status":")" + std::string(status) + R"("})";
  }
  static std::string refund(std::string_view status) {
    return R"({"id":"re_1Nispe2eZvKYlo2Cd31jOCgZ","object":"refund","amount":129900,)"
           R"("currency":"eur","metadata":{"operation":"op_01ARZ3NDEKTSV4RRFFQ69G5FAV"},)"
           R"("payment_intent":"pi_3MtwBwLkdIwHu7ix28a3tqPa","status":")" +
           std::string(status) + R"("})";
  }
  // A valid successful answer to request(kind).
  static std::string success_body(domain::OperationKind kind) {
    switch (kind) {
      case domain::OperationKind::authorize:
        return intent("requires_capture", 129'900, 0);
      case domain::OperationKind::sale:
      case domain::OperationKind::capture:
        return intent("succeeded", 0, 129'900);
      case domain::OperationKind::void_:
        return intent("canceled", 0, 0);
      case domain::OperationKind::refund:
        return refund("succeeded");
      case domain::OperationKind::increment:
        break;
    }
    return {};
  }
  static std::string error(std::string_view type, std::string_view code,
                           const std::string& more = {}) {
    return R"({"error":{"type":")" + std::string(type) + R"(","message":"No.","code":")" +
           std::string(code) + "\"" + more + "}}";
  }
  static http::Response answer(int status, std::string body, bool stored = false) {
    http::Response out;
    out.status = status;
    out.body = std::move(body);
    if (stored) out.headers.add("Idempotent-Replayed", "true");
    return out;
  }
  static std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  }

  const Codec* codec_ = find_codec("stripe");
  Secret key_{view_of(kApiKey)};
  Access access_{&key_};
};

}  // namespace florin::connectors
