#pragma once
/// HTTP/1.1 servers: over TLS on TCP, and plain on UNIX sockets.
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "daemon/http/message.h"
#include "daemon/net/certificates.h"
#include "daemon/net/runtime.h"

namespace florin::net {

struct ServerLimits {
  std::size_t header_bytes = 16UL * 1024;  ///< 431 beyond
  std::size_t header_fields = 100;
  std::size_t target_bytes = 8UL * 1024;  ///< 414 beyond
  std::size_t body_bytes = 64UL * 1024;   ///< 413 beyond
  std::size_t connections = 1024;
  std::chrono::milliseconds handshake{5'000};
  std::chrono::milliseconds header{10'000};
  std::chrono::milliseconds body{20'000};
  std::chrono::milliseconds idle{60'000};
  std::chrono::milliseconds write{20'000};
};

/// Who is at the other end.
struct Peer {
  std::string address;                 ///< text of the IP address; empty on a UNIX socket
  std::uint32_t uid = 0xFFFFFFFF;      ///< of a UNIX socket's peer (SO_PEERCRED)
  std::shared_ptr<const TlsPeer> tls;  ///< null on a UNIX socket
};

/// Answers one request. Must not throw; runs on the I/O thread.
/// A response with status 0 closes the connection without an answer; test counterparts need that.
using Handler = std::function<Task<http::Response>(http::Request, Peer)>;

/// Destroying it cuts every connection; that and `drain` may happen on any thread, before the
/// runtime is destroyed.
class Server {
 public:
  virtual ~Server() = default;
  [[nodiscard]] virtual std::uint16_t port() const = 0;
  /// Stops accepting; connections end after the answer in hand. `drained` is called on the I/O
  /// thread when the last one has ended, or after `limit`, when the rest is cut.
  virtual void drain(std::chrono::milliseconds limit, std::function<void()> drained) = 0;
};

class TlsServer : public Server {
 public:
  /// New connections get this set from now on. Open ones stay, as long as it has their domain for
  /// the same tenant and takes their client certificate. From any thread.
  virtual void use(std::shared_ptr<const Certificates> certificates) = 0;
};

struct TlsServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;                            ///< 0 = any free
  std::filesystem::path certificate_chain;           ///< PEM
  std::filesystem::path private_key;                 ///< PEM, readable by nobody else
  std::shared_ptr<const Certificates> certificates;  ///< instead of the two files
  ServerLimits limits;
};

/// TLS 1.3, 1.2 allowed with AEAD suites only. The certificate is chosen by the name the client
/// asks for; a request for another domain's host is answered with 421. Errors: `tls_failed`
/// (certificate or key), `unavailable` (address in use); the message names the file or address.
Result<std::unique_ptr<TlsServer>> listen_tls(Runtime& runtime, const TlsServerOptions& options,
                                              Handler handler);

/// A UNIX socket with the given mode; a stale socket file is replaced, a living one is an error.
Result<std::unique_ptr<Server>> listen_unix(Runtime& runtime, const std::filesystem::path& path,
                                            std::uint32_t mode, const ServerLimits& limits,
                                            Handler handler);

}  // namespace florin::net
