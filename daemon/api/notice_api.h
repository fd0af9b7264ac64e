#pragma once
/// Where PSPs tell what happened: POST /in/{tenant}/{connector}, on a listener of its own. Answers
/// have no body: whoever sends here is a machine that we do not know yet.
#include <functional>
#include <optional>
#include <string>

#include "daemon/engine/context_registry.h"
#include "daemon/engine/notice_inbox.h"
#include "daemon/http/router.h"

namespace florin::api {

/// Runs on the I/O thread; what it refers to outlives it.
class NoticeApi {
 public:
  /// Finds a tenant by name or identifier.
  using FindTenant = std::function<std::optional<TenantId>(const std::string&)>;

  NoticeApi(const engine::ContextRegistry& contexts, engine::NoticeInbox& inbox,
            FindTenant find_tenant);
  /// 200 only when all that the notice tells is durable. 401 for whatever is not proven to be of
  /// that connector, also when there is no such connector; 503 when we are at fault.
  net::Task<http::Response> handle(http::Request request);

 private:
  [[nodiscard]] Result<engine::ContextPtr> context_of(const std::string& tenant,
                                                      const ConnectorId& connector) const;
  net::Task<http::Response> take(std::string tenant, std::string connector, http::Request request);

  const engine::ContextRegistry& contexts_;
  engine::NoticeInbox& inbox_;
  FindTenant find_tenant_;
  http::Router router_;
  std::size_t in_hand_ = 0;
};

}  // namespace florin::api
