#include "daemon/admin/operator_api.h"

#include <fmt/format.h>

#include <memory>

#include "base/log.h"
#include "daemon/http/problem.h"

namespace florin::admin {

OperatorApi::OperatorApi(Role role, const Machine& machine, net::Runtime& runtime,
                         const Clock& clock, Entropy& entropy)
    : role_(role),
      machine_(machine),
      runtime_(runtime),
      clock_(clock),
      entropy_(entropy),
      rows_(routes()) {
  for (const RouteRow& row : rows_) router_.add(std::string(row.method), std::string(row.path));
}

net::Task<http::Response> OperatorApi::handle(http::Request request, net::Peer peer) {
  const std::string request_id = RequestId{new_uuid(clock_, entropy_)}.text();
  if (const auto allowed = machine_.may_use(peer.uid, role_); !allowed.ok()) {
    co_return http::problem(allowed.error(), request_id);
  }
  auto match = router_.match(request.method, request.path());
  if (!match.ok()) {
    http::Response response = http::problem(match.error(), request_id);
    if (match.error().code() == Errc::method_not_allowed) {
      response.headers.set("Allow", match.error().detail());
    }
    co_return response;
  }
  const RouteRow& row = rows_[match->route];
  if ((row.roles & static_cast<unsigned>(role_)) == 0) {
    co_return http::problem(Error(Errc::permission_denied, {},
                                  fmt::format("the role {} may not do this", role_name(role_))),
                            request_id);
  }
  // Handlers wait for flushes and for the security module, so they leave the I/O thread.
  auto shared_request = std::make_shared<http::Request>(std::move(request));
  auto shared_match = std::make_shared<http::Match>(std::move(*match));
  const Handler handler = row.handler;
  const Machine* const machine = &machine_;
  const bool holds = !row.closes;
  const control::Person person{peer.uid};
  std::function<std::optional<Result<http::Response>>()> work =
      [machine, handler, holds, shared_request, shared_match,
       person]() -> std::optional<Result<http::Response>> {
    const std::shared_ptr<void> held = holds ? machine->hold() : nullptr;
    control::Appliance* const appliance = held ? machine->appliance() : nullptr;
    return handler({*machine, *shared_match, *shared_request, person, appliance});
  };
  std::optional<Result<http::Response>> answer =
      co_await runtime_.offload<std::optional<Result<http::Response>>>(std::move(work));
  wipe(shared_request->body);
  if (answer->ok()) co_return std::move(**answer);
  const Error& error = answer->error();
  log_error("operator.refused", error, {{"request", request_id}, {"uid", person.uid}});
  co_return http::problem(error, request_id);
}

}  // namespace florin::admin
