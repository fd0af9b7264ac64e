#pragma once
/// What both servers share: the connections, their cap, their deadlines and their end. Private to
/// this room; I/O thread only, except where stated.
#include <functional>
#include <memory>
#include <unordered_set>

#include "daemon/net/connection.h"
#include "daemon/net/server.h"
#include "daemon/net/timer.h"

namespace florin::net {

class ServerCore : public std::enable_shared_from_this<ServerCore> {
 public:
  ServerCore(Runtime& runtime, const ServerLimits& limits, Handler handler);

  /// Starts the timer task. `stop_accepting` closes the listening socket.
  void start(std::function<void()> stop_accepting);
  /// False when the cap is reached: the newest is refused.
  [[nodiscard]] bool has_room() const noexcept;
  void admit(std::unique_ptr<Wire> wire, Peer peer);
  /// From any thread.
  void drain(std::chrono::milliseconds limit, std::function<void()> drained);
  /// Cuts everything. From any thread: at once on the I/O thread, else as soon as it gets to it.
  void end();
  [[nodiscard]] bool accepting() const noexcept { return !draining_ && !closed_; }

 private:
  void begin_drain(std::chrono::milliseconds limit, std::function<void()> drained);
  void end_drain();
  void close();
  void remove(Connection* connection);
  static Task<void> serve(std::shared_ptr<ServerCore> self, std::shared_ptr<Connection> connection);
  Task<void> sweep();

  Runtime& runtime_;
  ServerLimits limits_;
  std::shared_ptr<const Handler> handler_;
  std::function<void()> stop_accepting_;
  std::function<void()> drained_;
  std::unordered_set<Connection*> connections_;
  Timer sweep_timer_;
  Timer drain_timer_;
  std::chrono::milliseconds tick_;
  bool draining_ = false;
  bool closed_ = false;
};

/// A server that owns a core; the core lives on until its last task has ended.
class CoreServer : public Server {
 public:
  CoreServer(std::shared_ptr<ServerCore> core, std::uint16_t port,
             std::function<void()> at_end = {})
      : core_(std::move(core)), port_(port), at_end_(std::move(at_end)) {}
  CoreServer(const CoreServer&) = delete;
  CoreServer& operator=(const CoreServer&) = delete;
  ~CoreServer() override {
    core_->end();
    if (at_end_) at_end_();
  }
  [[nodiscard]] std::uint16_t port() const override { return port_; }
  void drain(std::chrono::milliseconds limit, std::function<void()> drained) override {
    core_->drain(limit, std::move(drained));
  }

 private:
  std::shared_ptr<ServerCore> core_;
  std::uint16_t port_;
  std::function<void()> at_end_;
};

}  // namespace florin::net
