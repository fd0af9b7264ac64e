#include "daemon/connectors/notice.h"

#include "daemon/connectors/sandbox/notices.h"
#include "daemon/connectors/stripe/notices.h"

namespace florin::connectors {

const NoticeVerifier* find_notice_verifier(std::string_view kind) {
  static const SandboxNotices sandbox;
  static const StripeNotices stripe;
  if (kind == "sandbox") return &sandbox;
  return kind == "stripe" ? &stripe : nullptr;
}

}  // namespace florin::connectors
