#pragma once
/// HTTP/1.1 on one accepted wire. Private to this room; I/O thread only.
#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "daemon/http/parser.h"
#include "daemon/net/server.h"
#include "daemon/net/wire.h"

namespace florin::net {

class Connection {
 public:
  using Clock = std::chrono::steady_clock;
  Connection(std::unique_ptr<Wire> wire, Peer peer, const ServerLimits& limits,
             std::shared_ptr<const Handler> handler);

  /// Handshake, requests and answers until the connection ends.
  Task<void> serve();
  /// Ends what is overdue. Called by the server's timer, again and again.
  void sweep(Clock::time_point now);
  /// Ends the connection after the answer in hand; at once when there is none.
  void drain();
  /// Ends it now.
  void cut() { wire_->close(); }

 private:
  enum class Phase : std::uint8_t { handshake, reading, handling, writing, finishing };
  void enter(Phase phase, std::chrono::milliseconds limit);
  Task<bool> serve_one();
  Task<bool> read_request();
  Task<bool> answer(http::Response response, bool close, bool head_only);
  Task<http::Response> handle(http::Request request);
  [[nodiscard]] bool idle() const noexcept;

  std::unique_ptr<Wire> wire_;
  Peer peer_;
  ServerLimits limits_;
  std::shared_ptr<const Handler> handler_;
  http::RequestParser parser_;
  std::array<char, 8192> buffer_;
  std::string_view buffered_;  ///< bytes of buffer_ that no request has taken yet
  Phase phase_ = Phase::handshake;
  Clock::time_point deadline_ = Clock::time_point::max();
  bool overdue_ = false;
  bool draining_ = false;
  bool served_ = false;  ///< at least one request
};

}  // namespace florin::net
