#include "daemon/net/accept_loop.h"
#include "daemon/net/server.h"
#include "daemon/net/tls_wire.h"

namespace florin::net {
namespace {

using boost::asio::ip::tcp;

Error address_error(const TlsServerOptions& options, const std::string& what, const Code& code) {
  return Error(Errc::unavailable, "",
               options.address + ":" + std::to_string(options.port) + ": " + what, code.message());
}

class ReloadableServer final : public TlsServer {
 public:
  ReloadableServer(Runtime& runtime, std::shared_ptr<ServerCore> core, std::uint16_t port,
                   std::shared_ptr<CurrentCertificates> current)
      : runtime_(runtime), server_(std::move(core), port), current_(std::move(current)) {}

  [[nodiscard]] std::uint16_t port() const override { return server_.port(); }
  void drain(std::chrono::milliseconds limit, std::function<void()> drained) override {
    server_.drain(limit, std::move(drained));
  }
  void use(std::shared_ptr<const Certificates> certificates) override {
    runtime_.post([current = current_, certificates = std::move(certificates)] {
      current->set = std::static_pointer_cast<const ServerCertificates>(certificates);
    });
  }

 private:
  Runtime& runtime_;
  CoreServer server_;
  std::shared_ptr<CurrentCertificates> current_;
};

void admit_tls(ServerCore& core, const std::shared_ptr<const CurrentCertificates>& current,
               TcpSocket socket) {
  Code code;
  const tcp::endpoint remote = socket.remote_endpoint(code);
  if (code) return;
  socket.set_option(tcp::no_delay(true), code);
  Peer peer;
  peer.address = remote.address().to_string();
  std::unique_ptr<Wire> wire = accept_tls(std::move(socket), current);
  if (wire) core.admit(std::move(wire), std::move(peer));
}

}  // namespace

Result<std::unique_ptr<TlsServer>> listen_tls(Runtime& runtime, const TlsServerOptions& options,
                                              Handler handler) {
  std::shared_ptr<const Certificates> certificates = options.certificates;
  if (!certificates) {
    FLORIN_TRY(certificates, Certificates::load({.chain = options.certificate_chain,
                                                 .key = options.private_key,
                                                 .domains = {}}));
  }
  auto current = std::make_shared<CurrentCertificates>();
  // The only class behind the interface is the one of this room.
  current->set = std::static_pointer_cast<const ServerCertificates>(certificates);
  Code code;
  const auto address = boost::asio::ip::make_address(options.address, code);
  if (code) return address_error(options, "not an IP address", code);
  const tcp::endpoint endpoint(address, options.port);
  auto acceptor = std::make_shared<Acceptor<tcp>>(runtime.context().get_executor());
  acceptor->open(endpoint.protocol(), code);
  if (!code) acceptor->set_option(tcp::acceptor::reuse_address(true), code);
  if (!code) acceptor->bind(endpoint, code);
  if (!code) acceptor->listen(boost::asio::socket_base::max_listen_connections, code);
  if (code) return address_error(options, "cannot listen here", code);
  const std::uint16_t port = acceptor->local_endpoint(code).port();

  auto core = std::make_shared<ServerCore>(runtime, options.limits, std::move(handler));
  core->start([acceptor] {
    Code ignored;
    acceptor->close(ignored);
  });
  std::function<void(TcpSocket)> admit = [core, current](TcpSocket socket) {
    admit_tls(*core, current, std::move(socket));
  };
  runtime.spawn("net.accept_tls", [acceptor, core, admit] {
    return accept_loop<tcp, TcpSocket>(acceptor, core, admit);
  });
  return std::unique_ptr<TlsServer>(
      std::make_unique<ReloadableServer>(runtime, core, port, std::move(current)));
}

}  // namespace florin::net
