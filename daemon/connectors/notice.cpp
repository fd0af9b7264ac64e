#include "daemon/connectors/notice.h"

#include "daemon/connectors/stripe/notices.h"

namespace florin::connectors {

const NoticeVerifier* find_notice_verifier(std::string_view kind) {
  static const StripeNotices stripe;
  return kind == "stripe" ? &stripe : nullptr;
}

}  // namespace florin::connectors
