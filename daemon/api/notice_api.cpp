#include "daemon/api/notice_api.h"

#include <array>

#include "base/log.h"

namespace florin::api {
namespace {

// Each holds a body and waits for a flush.
constexpr std::size_t kMostInHand = 64;

http::Response empty(int status) {
  http::Response out;
  out.status = status;
  return out;
}

http::Response later() {
  http::Response out = empty(503);
  out.headers.add("Retry-After", "5");
  return out;
}

// What is not proven to be the connector's is all the same to whoever sends it.
http::Response refuse(const Error& error, const std::string& connector) {
  log_error("notice.refused", error, {{"connector", connector}});
  switch (error.code()) {
    case Errc::header_invalid:
    case Errc::signature_invalid:
    case Errc::timestamp_skew:
    case Errc::not_found:
      return empty(401);
    default:
      return error.error_class() == ErrorClass::invalid ? empty(400) : later();
  }
}

}  // namespace

NoticeApi::NoticeApi(const engine::ContextRegistry& contexts, engine::NoticeInbox& inbox,
                     FindTenant find_tenant)
    : contexts_(contexts), inbox_(inbox), find_tenant_(std::move(find_tenant)) {
  router_.add("POST", "/in/{tenant}/{connector}");
}

net::Task<http::Response> NoticeApi::handle(http::Request request) {
  const auto match = router_.match(request.method, request.path());
  if (!match.ok()) {
    co_return empty(match.error().code() == Errc::method_not_allowed ? 405 : 404);
  }
  if (in_hand_ >= kMostInHand) co_return later();
  std::string tenant(match->parameter("tenant"));
  std::string connector(match->parameter("connector"));
  ++in_hand_;
  const std::shared_ptr<void> in_hand(nullptr, [this](void*) { --in_hand_; });
  co_return co_await take(std::move(tenant), std::move(connector), std::move(request));
}

net::Task<http::Response> NoticeApi::take(std::string tenant, std::string connector,
                                          http::Request request) {
  const auto id = ConnectorId::parse(connector);
  if (!id.ok()) co_return refuse(Error(Errc::not_found), connector.substr(0, 64));
  auto context = context_of(tenant, *id);
  if (!context.ok()) co_return refuse(context.error(), connector);
  const auto shared = std::make_shared<const http::Request>(std::move(request));
  const Result<engine::NoticeReceipt> taken =
      co_await inbox_.take(std::move(*context), *id, shared);
  if (!taken.ok()) co_return refuse(taken.error(), connector);
  log(LogLevel::info, "notice.received",
      {{"connector", connector},
       {"facts", std::uint64_t{taken->facts}},
       {"duplicates", std::uint64_t{taken->duplicates}}});
  co_return empty(200);
}

// A connector belongs to one mode; its identifier tells which.
Result<engine::ContextPtr> NoticeApi::context_of(const std::string& tenant,
                                                 const ConnectorId& connector) const {
  const std::optional<TenantId> id = find_tenant_(tenant);
  if (!id) return Error(Errc::not_found);
  for (const ledger::Mode mode : std::array{ledger::Mode::live, ledger::Mode::test}) {
    auto context = contexts_.find(*id, mode);
    if (!context.ok()) continue;
    const auto found = engine::load_connector(**context, connector);
    if (found.ok()) return context;
    if (found.error().code() != Errc::not_found) return found.error();
  }
  return Error(Errc::not_found);
}

}  // namespace florin::api
