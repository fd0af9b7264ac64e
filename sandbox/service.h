#pragma once
/// The sandbox's routes.
#include <chrono>
#include <string_view>

#include "base/secret.h"
#include "daemon/http/message.h"
#include "daemon/http/router.h"
#include "daemon/net/task.h"
#include "sandbox/book.h"
#include "sandbox/faults.h"
#include "sandbox/journal.h"
#include "sandbox/notices.h"

namespace florin::sandbox {

/// Answers requests; lives and works on one I/O thread. The book and the journal must outlive it.
/// No answer leaves before everything it tells is on disk. A response with status 0 means: close
/// the connection without an answer.
class Service {
 public:
  Service(Book& book, Journal& journal, Secret api_key, std::chrono::milliseconds stall);
  /// Tells of what it does from now on. `notices` must outlive it.
  void tell(Notices& notices) { notices_ = &notices; }
  net::Task<http::Response> handle(http::Request request);

 private:
  net::Task<http::Response> operate(OperationKind kind, std::string charge_id,
                                    http::Request request);
  net::Task<http::Response> inquire(std::string key);
  net::Task<http::Response> cancel(std::string key);
  net::Task<http::Response> conclude(Decision decision, std::optional<Behaviour> fault);
  net::Task<http::Response> conclude_later(std::string charge_id, http::Request request);
  net::Task<http::Response> say_after(AfterOrder::Kind kind, std::string about,
                                      http::Request request);
  http::Response arm(const http::Request& request);
  http::Response order_notices(const http::Request& request, bool release);
  [[nodiscard]] bool authorized(const http::Request& request) const;
  // Everything that is false before it happens: closes, or waits. True when the connection closes.
  net::Task<bool> misbehave_before(std::optional<Behaviour> fault) const;

  Book& book_;
  Journal& journal_;
  Secret api_key_;
  std::chrono::milliseconds stall_;
  Faults faults_;
  Notices* notices_ = nullptr;
  http::Router router_;
};

}  // namespace florin::sandbox
