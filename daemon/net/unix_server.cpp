#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>

#include "daemon/net/accept_loop.h"
#include "daemon/net/server.h"
#include "daemon/net/socket_helpers.h"

namespace florin::net {
namespace {

namespace asio = boost::asio;
using Local = asio::local::stream_protocol;
using LocalSocket = asio::basic_stream_socket<Local, Executor>;

class UnixWire final : public Wire {
 public:
  explicit UnixWire(LocalSocket socket) : socket_(std::move(socket)) {}

  Task<Code> handshake() override { co_return Code(); }

  Task<Read> read(std::span<char> into) override {
    Read result;
    const auto buffer = asio::buffer(into.data(), into.size());
    result.bytes =
        co_await socket_.async_read_some(buffer, asio::redirect_error(use_task, result.code));
    result.end = result.code == asio::error::eof;
    co_return result;
  }

  Task<Code> write(std::string_view bytes) override {
    Code code;
    const auto buffer = asio::buffer(bytes.data(), bytes.size());
    co_await asio::async_write(socket_, buffer, asio::redirect_error(use_task, code));
    co_return code;
  }

  Task<void> finish() override {
    if (socket_.is_open()) co_await linger(socket_);
    close();
  }

  void cancel() noexcept override {
    Code ignored;
    socket_.cancel(ignored);
  }
  void close() noexcept override {
    Code ignored;
    socket_.close(ignored);
  }
  bool quiet() override { return socket_.is_open() && socket_quiet(socket_); }

 private:
  LocalSocket socket_;
};

Error path_error(const std::filesystem::path& path, const std::string& what, std::string detail) {
  return Error(Errc::unavailable, "", path.string() + ": " + what, std::move(detail));
}

/// Removes a socket file that nobody listens on any more; leaves anything else alone.
Result<void> clear_stale(Runtime& runtime, const std::filesystem::path& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) return {};
  if (!S_ISSOCK(status.st_mode)) return path_error(path, "exists and is not a socket", {});
  LocalSocket probe(runtime.context().get_executor());
  Code code;
  probe.connect(Local::endpoint(path.string()), code);
  if (code != asio::error::connection_refused) {
    return path_error(path, "another process is listening here", code.message());
  }
  if (::unlink(path.c_str()) != 0) return path_error(path, "cannot be replaced", {});
  return {};
}

void admit_unix(ServerCore& core, LocalSocket socket) {
  struct ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
    return;
  }
  Peer peer;
  peer.uid = credentials.uid;
  core.admit(std::make_unique<UnixWire>(std::move(socket)), std::move(peer));
}

}  // namespace

Result<std::unique_ptr<Server>> listen_unix(Runtime& runtime, const std::filesystem::path& path,
                                            std::uint32_t mode, const ServerLimits& limits,
                                            Handler handler) {
  // sockaddr_un holds 108 bytes with the terminating zero.
  constexpr std::size_t kPathBytes = 107;
  if (path.empty() || path.native().size() > kPathBytes) {
    return path_error(path, "the path is empty or too long for a socket", {});
  }
  FLORIN_TRY_VOID(clear_stale(runtime, path));
  auto acceptor = std::make_shared<Acceptor<Local>>(runtime.context().get_executor());
  Code code;
  acceptor->open(Local(), code);
  // Nobody but the owner may connect between bind and chmod.
  const mode_t before = ::umask(0177);
  if (!code) acceptor->bind(Local::endpoint(path.string()), code);
  ::umask(before);
  if (code) return path_error(path, "cannot listen here", code.message());
  if (::chmod(path.c_str(), static_cast<mode_t>(mode)) != 0) {
    return path_error(path, "the mode cannot be set", {});
  }
  acceptor->listen(asio::socket_base::max_listen_connections, code);
  if (code) return path_error(path, "cannot listen here", code.message());

  auto core = std::make_shared<ServerCore>(runtime, limits, std::move(handler));
  core->start([acceptor] {
    Code ignored;
    acceptor->close(ignored);
  });
  std::function<void(LocalSocket)> admit = [core](LocalSocket socket) {
    admit_unix(*core, std::move(socket));
  };
  runtime.spawn("net.accept_unix", [acceptor, core, admit] {
    return accept_loop<Local, LocalSocket>(acceptor, core, admit);
  });
  return std::unique_ptr<Server>(
      std::make_unique<CoreServer>(core, std::uint16_t{0}, [path] { ::unlink(path.c_str()); }));
}

}  // namespace florin::net
