#include "daemon/net/server_core.h"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>

#include "base/log.h"

namespace florin::net {
namespace {

constexpr std::chrono::hours kNothingToWatch{1};

/// Deadlines are kept to about a quarter of the shortest limit, or a tenth of a second.
std::chrono::milliseconds tick_of(const ServerLimits& limits) {
  const auto shortest =
      std::min({limits.handshake, limits.header, limits.body, limits.idle, limits.write});
  return std::clamp(shortest / 4, std::chrono::milliseconds(10), std::chrono::milliseconds(100));
}

}  // namespace

ServerCore::ServerCore(Runtime& runtime, const ServerLimits& limits, Handler handler)
    : runtime_(runtime),
      limits_(limits),
      handler_(std::make_shared<const Handler>(std::move(handler))),
      sweep_timer_(runtime.context().get_executor()),
      drain_timer_(runtime.context().get_executor()),
      tick_(tick_of(limits)) {}

void ServerCore::start(std::function<void()> stop_accepting) {
  stop_accepting_ = std::move(stop_accepting);
  runtime_.spawn("net.deadlines", [self = shared_from_this()] { return self->sweep(); });
}

bool ServerCore::has_room() const noexcept {
  return connections_.size() < limits_.connections;
}

void ServerCore::admit(std::unique_ptr<Wire> wire, Peer peer) {
  auto connection =
      std::make_shared<Connection>(std::move(wire), std::move(peer), limits_, handler_);
  const bool first = connections_.empty();
  connections_.insert(connection.get());
  if (first) sweep_timer_.cancel();
  runtime_.spawn("net.connection",
                 [self = shared_from_this(), connection] { return serve(self, connection); });
}

Task<void> ServerCore::serve(std::shared_ptr<ServerCore> self,
                             std::shared_ptr<Connection> connection) {
  // Removed however the task ends, a destroyed context included.
  struct Removal {
    ServerCore& core;
    Connection* connection;
    Removal(ServerCore& owner, Connection* ended) : core(owner), connection(ended) {}
    Removal(const Removal&) = delete;
    Removal& operator=(const Removal&) = delete;
    ~Removal() { core.remove(connection); }
  };
  const Removal removal(*self, connection.get());
  co_await connection->serve();
}

void ServerCore::remove(Connection* connection) {
  connections_.erase(connection);
  if (draining_ && !closed_ && connections_.empty()) end_drain();
}

void ServerCore::drain(std::chrono::milliseconds limit, std::function<void()> drained) {
  runtime_.post([self = shared_from_this(), limit, drained = std::move(drained)]() mutable {
    self->begin_drain(limit, std::move(drained));
  });
}

void ServerCore::begin_drain(std::chrono::milliseconds limit, std::function<void()> drained) {
  if (draining_) return;
  draining_ = true;
  drained_ = std::move(drained);
  if (stop_accepting_) stop_accepting_();
  for (Connection* connection : connections_) connection->drain();
  if (connections_.empty()) return end_drain();
  drain_timer_.expires_after(limit);
  drain_timer_.async_wait([self = shared_from_this()](const Code& cancelled) {
    if (cancelled || self->closed_) return;
    log(LogLevel::warning, "net.drain_cut",
        {{"connections", std::uint64_t{self->connections_.size()}}});
    self->end_drain();
  });
}

void ServerCore::end_drain() {
  std::function<void()> drained = std::move(drained_);
  drained_ = nullptr;
  close();
  if (drained) runtime_.post(std::move(drained));
}

void ServerCore::end() {
  if (runtime_.context().get_executor().running_in_this_thread()) return close();
  runtime_.post([self = shared_from_this()] { self->close(); });
}

void ServerCore::close() {
  if (closed_) return;
  closed_ = true;
  if (stop_accepting_) stop_accepting_();
  for (Connection* connection : connections_) connection->cut();
  sweep_timer_.cancel();
  drain_timer_.cancel();
}

Task<void> ServerCore::sweep() {
  while (!closed_) {
    if (connections_.empty()) {
      sweep_timer_.expires_after(kNothingToWatch);
    } else {
      sweep_timer_.expires_after(tick_);
    }
    Code woken_early;
    co_await sweep_timer_.async_wait(boost::asio::redirect_error(use_task, woken_early));
    const auto now = Connection::Clock::now();
    for (Connection* connection : connections_) connection->sweep(now);
  }
}

}  // namespace florin::net
