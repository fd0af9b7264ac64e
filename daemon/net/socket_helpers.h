#pragma once
/// What both kinds of wire do with their socket. Private to this room.
#include <sys/socket.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/socket_base.hpp>
#include <cerrno>

#include "daemon/net/wire.h"

namespace florin::net {

/// No byte to read and not closed.
template <class Socket>
bool socket_quiet(Socket& socket) {
  char byte = 0;
  const auto count = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

/// Closes the sending side and reads on until the peer closes, for a bounded number of bytes; the
/// caller bounds the time.
template <class Socket>
Task<void> linger(Socket& socket) {
  Code code;
  socket.shutdown(boost::asio::socket_base::shutdown_send, code);
  std::array<char, 4096> waste;
  for (int rounds = 0; rounds < 256 && !code; ++rounds) {
    const auto buffer = boost::asio::buffer(waste);
    co_await socket.async_read_some(buffer, boost::asio::redirect_error(use_task, code));
  }
}

}  // namespace florin::net
