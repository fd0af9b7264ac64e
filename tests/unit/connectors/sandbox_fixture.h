#pragma once
#include <gtest/gtest.h>

#include <string>

#include "daemon/connectors/codec.h"

namespace florin::connectors {

inline constexpr std::string_view kApiKey = "sandbox-key-for-golden-files";
/// Those that every connector has.
inline constexpr domain::OperationKind kAllKinds[] = {
    domain::OperationKind::authorize, domain::OperationKind::sale, domain::OperationKind::capture,
    domain::OperationKind::void_, domain::OperationKind::refund};

class SandboxFixture : public ::testing::Test {
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
        .replay = false};
    if (kind == domain::OperationKind::authorize || kind == domain::OperationKind::sale) {
      out.payment_token = "tok_approve";
      out.merchant_reference = "order \"7\" / \xC3\xA9";
    } else {
      out.psp_reference = "ch_0a1b2c3d";
    }
    return out;
  }

  // A valid successful answer to request(kind), as the sandbox gives it.
  static std::string success_body(domain::OperationKind kind) {
    const std::string common = R"("reference":"op_01ARZ3NDEKTSV4RRFFQ69G5FAV",)";
    const std::string amount = R"("amount":129900,"currency":"EUR")";
    if (kind == domain::OperationKind::authorize || kind == domain::OperationKind::sale) {
      const bool sale = kind == domain::OperationKind::sale;
      return R"({"object":"charge","id":"ch_0a1b2c3d",)" + common + R"("status":")" +
             (sale ? "captured" : "authorized") + R"(",)" + amount + R"(,"amount_captured":)" +
             (sale ? "129900" : "0") + R"(,"amount_refunded":0})";
    }
    const std::string name(domain::operation_kind_name(kind));
    return R"({"object":")" + name + R"(","id":"x_77","charge":"ch_0a1b2c3d",)" + common +
           R"("status":"succeeded",)" + amount + "}";
  }

  const Codec* codec_ = find_codec("sandbox");
  Secret key_{view_of(kApiKey)};
  Access access_{&key_};
};

}  // namespace florin::connectors
