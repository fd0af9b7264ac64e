#include "cli/unix_client.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/secret.h"
#include "daemon/http/parser.h"

namespace florin::cli {
namespace {

using SteadyClock = std::chrono::steady_clock;

// Exports and long lists are larger than anything a merchant may send.
constexpr std::size_t kAnswerBytes = 64UL * 1024 * 1024;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int get() const noexcept { return number_; }

 private:
  int number_;
};

Error io_error(Errc code, const std::filesystem::path& socket, int number) {
  return Error(code, socket.string(), std::strerror(number));
}

Result<void> wait_for(int descriptor, short events, SteadyClock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now());
    if (left.count() <= 0) return Error(Errc::timed_out);
    pollfd entry{.fd = descriptor, .events = events, .revents = 0};
    const int ready =
        ::poll(&entry, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 60'000)));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return Error(Errc::io_failure, {}, std::strerror(errno));
  }
}

Result<Descriptor> connect_to(const std::filesystem::path& socket,
                              SteadyClock::time_point deadline) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string& path = socket.native();
  if (path.size() >= sizeof(address.sun_path)) {
    return Error(Errc::value_too_long, path, "the path is too long for a UNIX socket");
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  Descriptor descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (descriptor.get() < 0) return io_error(Errc::io_failure, socket, errno);
  for (;;) {
    const void* raw = &address;
    if (::connect(descriptor.get(), static_cast<const sockaddr*>(raw), sizeof(address)) == 0) {
      return descriptor;
    }
    if (errno == EACCES || errno == EPERM) return io_error(Errc::permission_denied, socket, errno);
    // A full backlog answers at once on a UNIX socket; it empties soon or the deadline comes.
    if (errno != EAGAIN && errno != EINTR) return io_error(Errc::connection_failed, socket, errno);
    if (SteadyClock::now() >= deadline) return Error(Errc::timed_out);
    ::poll(nullptr, 0, 10);
  }
}

Result<void> send_all(const Descriptor& descriptor, std::string_view bytes,
                      SteadyClock::time_point deadline) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(descriptor.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      FLORIN_TRY_VOID(wait_for(descriptor.get(), POLLOUT, deadline));
    } else if (errno == EPIPE || errno == ECONNRESET) {
      return {};  // the answer may be there already: an early refusal
    } else if (errno != EINTR) {
      return Error(Errc::connection_failed, {}, std::strerror(errno));
    }
  }
  return {};
}

Result<http::Response> receive(const Descriptor& descriptor, SteadyClock::time_point deadline) {
  http::ParserLimits limits;
  limits.body_bytes = kAnswerBytes;
  http::ResponseParser parser(limits);
  std::array<char, 16UL * 1024> buffer{};
  for (;;) {
    const ssize_t count = ::recv(descriptor.get(), buffer.data(), buffer.size(), 0);
    if (count > 0) {
      parser.feed(std::string_view(buffer.data(), static_cast<std::size_t>(count)));
    } else if (count == 0) {
      if (parser.state() == http::ParserState::empty) {
        return Error(Errc::connection_failed, {}, "the daemon hung up without an answer");
      }
      parser.feed_end();
    } else if (errno == EAGAIN) {
      FLORIN_TRY_VOID(wait_for(descriptor.get(), POLLIN, deadline));
      continue;
    } else if (errno == EINTR) {
      continue;
    } else {
      return Error(Errc::connection_failed, {}, std::strerror(errno));
    }
    if (parser.state() == http::ParserState::complete) return parser.take();
    if (parser.state() == http::ParserState::failed) return parser.error();
    if (count == 0) return Error(Errc::connection_failed, {}, "the answer ended too early");
  }
}

}  // namespace

Result<http::Response> exchange(const std::filesystem::path& socket, const http::Request& request,
                                std::chrono::milliseconds timeout) {
  const auto deadline = SteadyClock::now() + timeout;
  FLORIN_TRY(const Descriptor descriptor, connect_to(socket, deadline));
  std::string bytes = http::serialize(request, "localhost");
  const Result<void> sent = send_all(descriptor, bytes, deadline);
  wipe(bytes);  // may hold a PIN or an API key
  if (!sent.ok()) return sent.error();
  return receive(descriptor, deadline);
}

}  // namespace florin::cli
