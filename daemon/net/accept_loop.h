#pragma once
/// Accepts until the socket is closed. Private to this room.
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <functional>
#include <memory>

#include "base/log.h"
#include "daemon/net/server_core.h"

namespace florin::net {

template <class Protocol>
using Acceptor = boost::asio::basic_socket_acceptor<Protocol, Executor>;

/// `admit` gets each accepted socket for which the core has room; others are closed at once.
template <class Protocol, class Socket>
Task<void> accept_loop(std::shared_ptr<Acceptor<Protocol>> acceptor,
                       std::shared_ptr<ServerCore> core, std::function<void(Socket)> admit) {
  constexpr std::chrono::milliseconds kPause{100};
  while (core->accepting()) {
    Code failure;
    Socket socket(acceptor->get_executor());
    co_await acceptor->async_accept(socket, boost::asio::redirect_error(use_task, failure));
    if (!core->accepting()) break;
    if (failure == boost::asio::error::connection_aborted) continue;
    if (failure) {
      // Out of descriptors or memory: wait for some to come back instead of spinning.
      log(LogLevel::warning, "net.accept_failed", {{"reason", failure.message()}});
      co_await sleep_for(kPause);
      continue;
    }
    if (core->has_room()) admit(std::move(socket));
  }
}

}  // namespace florin::net
