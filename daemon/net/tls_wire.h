#pragma once
/// TLS streams, and the contexts they need. Private to this room.
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <filesystem>
#include <memory>
#include <string>

#include "base/result.h"
#include "daemon/net/wire.h"

namespace florin::net {

using TcpSocket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;

/// A shared TLS configuration; the wires made from it keep it alive.
class TlsContext {
 public:
  /// TLS 1.2 with AEAD suites or 1.3; no renegotiation. Error: `tls_failed`, naming the file.
  static Result<std::shared_ptr<TlsContext>> for_server(const std::filesystem::path& chain,
                                                        const std::filesystem::path& key);
  /// Verifies the peer against the roots (the system's when empty). Error: `tls_failed`.
  static Result<std::shared_ptr<TlsContext>> for_client(const std::filesystem::path& roots);

  virtual ~TlsContext() = default;
  virtual std::unique_ptr<Wire> accept(TcpSocket socket) = 0;
  /// The handshake succeeds only if the certificate is for `host`, a name or an address.
  virtual std::unique_ptr<Wire> connect(TcpSocket socket, const std::string& host) = 0;
};

}  // namespace florin::net
