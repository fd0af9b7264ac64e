#pragma once
/// TLS streams, and the contexts they need. Private to this room.
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <filesystem>
#include <memory>
#include <string>

#include "base/result.h"
#include "daemon/net/server_certificates.h"
#include "daemon/net/wire.h"

namespace florin::net {

using TcpSocket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;

/// The set of certificates that a server uses now. I/O thread only.
struct CurrentCertificates {
  std::shared_ptr<const ServerCertificates> set;
};

/// A server's end; keeps the set of this moment for its handshake, and looks at later ones to see
/// whether it is still welcome. Null when out of memory.
std::unique_ptr<Wire> accept_tls(TcpSocket socket,
                                 std::shared_ptr<const CurrentCertificates> current);

/// A client's shared TLS configuration; the wires made from it keep it alive.
class TlsContext {
 public:
  /// Verifies the peer against the roots (the system's when empty). Error: `tls_failed`.
  static Result<std::shared_ptr<TlsContext>> for_client(const std::filesystem::path& roots);

  virtual ~TlsContext() = default;
  /// The handshake succeeds only if the certificate is for `host`, a name or an address.
  virtual std::unique_ptr<Wire> connect(TcpSocket socket, const std::string& host) = 0;
};

}  // namespace florin::net
