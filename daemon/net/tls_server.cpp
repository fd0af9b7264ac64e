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

void admit_tls(ServerCore& core, TlsContext& context, TcpSocket socket) {
  Code code;
  const tcp::endpoint remote = socket.remote_endpoint(code);
  if (code) return;
  socket.set_option(tcp::no_delay(true), code);
  Peer peer;
  peer.address = remote.address().to_string();
  core.admit(context.accept(std::move(socket)), std::move(peer));
}

}  // namespace

Result<std::unique_ptr<Server>> listen_tls(Runtime& runtime, const TlsServerOptions& options,
                                           Handler handler) {
  FLORIN_TRY(const std::shared_ptr<TlsContext> context,
             TlsContext::for_server(options.certificate_chain, options.private_key));
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
  std::function<void(TcpSocket)> admit = [core, context](TcpSocket socket) {
    admit_tls(*core, *context, std::move(socket));
  };
  runtime.spawn("net.accept_tls", [acceptor, core, admit] {
    return accept_loop<tcp, TcpSocket>(acceptor, core, admit);
  });
  return std::unique_ptr<Server>(std::make_unique<CoreServer>(core, port));
}

}  // namespace florin::net
