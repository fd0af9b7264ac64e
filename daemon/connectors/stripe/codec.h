#pragma once
/// Stripe's PaymentIntents (docs.stripe.com/api/payment_intents), one intent for each payment:
/// created and confirmed in one request, captured at once or later, once; refunds name the intent.
#include "daemon/connectors/codec.h"

namespace florin::connectors {

class StripeCodec final : public Codec {
 public:
  StripeCodec();
  [[nodiscard]] const CapabilitySheet& sheet() const override { return sheet_; }
  [[nodiscard]] std::span<const DeclineMapping> declines() const override;
  [[nodiscard]] std::string_view objection(const OperationRequest& operation) const override;
  /// `objection` must have found nothing.
  [[nodiscard]] http::Request encode(const OperationRequest& operation,
                                     const Access& access) const override;
  [[nodiscard]] domain::Outcome decode(const OperationRequest& operation,
                                       const http::Response& response) const override;
  [[nodiscard]] http::Request encode_inquiry(const OperationRequest& operation,
                                             const Access& access) const override;
  [[nodiscard]] Inquiry decode_inquiry(const OperationRequest& operation,
                                       const http::Response& response) const override;
  [[nodiscard]] http::Request encode_check(const Access& access) const override;
  [[nodiscard]] CheckFinding decode_check(const http::Response& response) const override;

 private:
  CapabilitySheet sheet_;
};

}  // namespace florin::connectors
