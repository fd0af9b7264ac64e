#pragma once
/// Notices of florin-sandbox; their form is in sandbox/API.md.
#include "daemon/connectors/notice.h"

namespace florin::connectors {

class SandboxNotices final : public NoticeVerifier {
 public:
  [[nodiscard]] Result<Notice> verify(const RawNotice& notice,
                                      const NoticeAccess& access) const override;
  [[nodiscard]] Result<void> check_secret(BytesView secret) const override;
};

}  // namespace florin::connectors
