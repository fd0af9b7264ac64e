#include "daemon/connectors/notice.h"

#include "daemon/connectors/sandbox/notices.h"

namespace florin::connectors {

const NoticeVerifier* find_notice_verifier(std::string_view kind) {
  static const SandboxNotices sandbox;
  return kind == "sandbox" ? &sandbox : nullptr;
}

}  // namespace florin::connectors
