#pragma once
/// Stripe's events (docs.stripe.com/webhooks), signed as in docs.stripe.com/webhooks/signature.
#include "daemon/connectors/notice.h"

namespace florin::connectors {

class StripeNotices final : public NoticeVerifier {
 public:
  [[nodiscard]] Result<Notice> verify(const RawNotice& notice,
                                      const NoticeAccess& access) const override;
  [[nodiscard]] Result<void> check_secret(BytesView secret) const override;
};

}  // namespace florin::connectors
