#include "daemon/net/client.h"

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/redirect_error.hpp>
#include <map>
#include <vector>

#include "base/secret.h"
#include "daemon/http/characters.h"
#include "daemon/http/parser.h"
#include "daemon/net/expiry.h"
#include "daemon/net/resolver.h"
#include "daemon/net/tls_wire.h"

namespace florin::net {
namespace {

namespace asio = boost::asio;
using boost::asio::ip::tcp;

// As many as may be under way at once: who needed so many needs them again, and a handshake costs
// more than a payment.
constexpr std::size_t kIdlePerHost = 512;
constexpr std::size_t kAddressesTried = 4;
constexpr std::chrono::seconds kIdleAge{30};

struct Link {
  std::shared_ptr<Wire> wire;
  AddressBytes address{};
  Expiry::Clock::time_point idle_since;
};

std::string key_of(const Url& url) {
  return url.host + "|" + std::to_string(url.port);
}

std::string host_field(const Url& url) {
  const bool brackets = url.host.find(':') != std::string::npos;
  std::string text = brackets ? "[" + url.host + "]" : url.host;
  if (url.port != 443) text.append(":").append(std::to_string(url.port));
  return text;
}

tcp::endpoint endpoint_of(const AddressBytes& address, std::uint16_t port) {
  const asio::ip::address_v6 six(address);
  if (!six.is_v4_mapped()) return {six, port};
  return {asio::ip::make_address_v4(asio::ip::v4_mapped, six), port};
}

bool sendable(const Url& url, const http::Request& request) {
  return !url.host.empty() && url.port != 0 && http::is_token(request.method) &&
         http::is_origin_form(request.target) && http::is_value(url.host);
}

Error timed_out(std::string where) {
  return Error(Errc::timed_out, "", "The time limit has passed while " + std::move(where) + ".");
}

/// Requests carry credentials and card tokens: they do not outlive the exchange, however it ends.
struct WipeAtEnd {
  explicit WipeAtEnd(http::Request& sent) : request(sent) {}
  ~WipeAtEnd() {
    request.headers.wipe_values();
    wipe(request.body);
    wipe(bytes);
  }
  WipeAtEnd(const WipeAtEnd&) = delete;
  WipeAtEnd& operator=(const WipeAtEnd&) = delete;
  http::Request& request;
  std::string bytes;  ///< the same, serialised
};

/// Lives as long as the last exchange; I/O thread only.
class Core : public std::enable_shared_from_this<Core> {
 public:
  Core(Runtime& runtime, ClientOptions options, std::shared_ptr<TlsContext> tls)
      : runtime_(runtime), options_(std::move(options)), tls_(std::move(tls)) {}

  Task<Exchange> run(Url url, http::Request request);

 private:
  Task<Result<Link>> link_to(Url url, std::shared_ptr<Expiry> expiry, Stage& stage);
  Task<Result<Link>> dial(Url url, AddressBytes address, std::shared_ptr<Expiry> expiry);
  Task<Result<Link>> shake_hands(Url url, Link link, std::shared_ptr<Expiry> expiry);
  Task<std::optional<Error>> converse(Link link, std::string& bytes, http::ResponseParser& parser);
  [[nodiscard]] Result<void> check(const std::vector<AddressBytes>& addresses) const;
  std::optional<Link> take_idle(const std::string& key, const std::vector<AddressBytes>& addresses);
  void keep(const std::string& key, Link link);
  void drop_old();

  Runtime& runtime_;
  ClientOptions options_;
  std::shared_ptr<TlsContext> tls_;
  std::map<std::string, std::vector<Link>> idle_;
};

Task<Exchange> Core::run(Url url, http::Request request) {
  const auto self = shared_from_this();
  WipeAtEnd sent(request);
  Exchange exchange;
  if (!sendable(url, request)) {
    exchange.error = Error(Errc::malformed_value, "", "The request cannot be sent.");
    co_return exchange;
  }
  const auto expiry =
      std::make_shared<Expiry>(runtime_.context().get_executor(), options_.deadlines.total);
  Result<Link> link = co_await link_to(url, expiry, exchange.stage);
  if (!link.ok()) {
    exchange.error = std::move(link).error();
    co_return exchange;
  }
  const std::shared_ptr<Wire> wire = link->wire;
  expiry->guard(expiry->left(), [wire] { wire->close(); });
  http::ParserLimits limits;
  limits.body_bytes = options_.response_bytes;
  http::ResponseParser parser(limits, request.method == "HEAD");
  sent.bytes = http::serialize(request, host_field(url));
  // From here on the peer may have acted on the request, whatever happens.
  exchange.request_may_have_left = true;
  exchange.stage = Stage::answer;
  exchange.error = co_await converse(*link, sent.bytes, parser);
  const bool late = expiry->expired();
  expiry->disarm();
  if (exchange.error) {
    wire->close();
    if (late) exchange.error = timed_out("waiting for the answer");
    co_return exchange;
  }
  const bool reusable = parser.keep_alive() && !late && wire->quiet();
  exchange.response = parser.take();
  if (reusable) {
    keep(key_of(url), *link);
  } else {
    wire->close();
  }
  co_return exchange;
}

/// Writes once and wipes what was written, reads until the answer is whole. Empty on success.
Task<std::optional<Error>> Core::converse(Link link, std::string& bytes,
                                          http::ResponseParser& parser) {
  using http::ParserState;
  const Code unwritten = co_await link.wire->write(bytes);
  wipe(bytes);
  if (unwritten) {
    co_return Error(Errc::connection_failed, "", "The connection broke while sending.",
                    unwritten.message());
  }
  std::array<char, 8192> buffer;
  while (parser.state() != ParserState::complete) {
    const std::span<char> into(buffer);
    const Read got = co_await link.wire->read(into);
    if (got.code) {
      if (got.end && parser.state() == ParserState::body) parser.feed_end();
      if (parser.state() == ParserState::complete) break;
      co_return Error(Errc::connection_failed, "", "The connection ended before the answer.",
                      got.code.message());
    }
    const std::size_t used = parser.feed(std::string_view(buffer.data(), got.bytes));
    if (parser.state() == ParserState::failed) co_return parser.error();
    if (used < got.bytes) {
      co_return Error(Errc::connector_answer_invalid, "", "", "bytes behind the answer");
    }
  }
  co_return std::nullopt;
}

Task<Result<Link>> Core::link_to(Url url, std::shared_ptr<Expiry> expiry, Stage& stage) {
  drop_old();
  const auto limit = std::min(options_.deadlines.resolve, expiry->left());
  stage = Stage::address;
  if (!host_allowed(options_.allowed_hosts, url.host)) {
    co_return Error(Errc::permission_denied, "", "The host is not in the list of egress.");
  }
  stage = Stage::dns;
  // Resolved each time, so that a kept connection is used only while its name still means its
  // address.
  Result<std::vector<AddressBytes>> found = co_await resolve(runtime_, url.host, limit);
  FLORIN_CO_TRY(const std::vector<AddressBytes> addresses, std::move(found));
  stage = Stage::address;
  FLORIN_CO_TRY_VOID(check(addresses));
  stage = Stage::tcp;
  if (std::optional<Link> kept = take_idle(key_of(url), addresses)) co_return std::move(*kept);
  std::optional<Error> last;
  const std::size_t tried = std::min(addresses.size(), kAddressesTried);
  for (std::size_t i = 0; i < tried && !expiry->expired(); ++i) {
    const AddressBytes address = addresses[i];
    Result<Link> link = co_await dial(url, address, expiry);
    if (link.ok()) {
      stage = Stage::tls;
      co_return co_await shake_hands(url, std::move(*link), expiry);
    }
    last = std::move(link).error();
  }
  if (!last) last = timed_out("connecting");
  co_return std::move(*last);
}

Result<void> Core::check(const std::vector<AddressBytes>& addresses) const {
  if (!options_.public_addresses_only) return {};
  // One bad address condemns the whole answer: it was made to be tried.
  for (const AddressBytes& address : addresses) {
    if (classify(address) != AddressClass::public_internet) {
      return Error(Errc::permission_denied, "", "The host does not have public addresses only.");
    }
  }
  return {};
}

Task<Result<Link>> Core::dial(Url url, AddressBytes address, std::shared_ptr<Expiry> expiry) {
  const auto socket = std::make_shared<TcpSocket>(runtime_.context().get_executor());
  const tcp::endpoint endpoint = endpoint_of(address, url.port);
  Code code;
  socket->open(endpoint.protocol(), code);
  if (!code) socket->set_option(tcp::no_delay(true), code);
  if (code) co_return Error(Errc::connection_failed, "", "", code.message());
  bool late = false;
  expiry->guard(options_.deadlines.connect, [socket, &late] {
    late = true;
    Code ignored;
    socket->close(ignored);
  });
  co_await socket->async_connect(endpoint, asio::redirect_error(use_task, code));
  expiry->disarm();
  if (late) co_return timed_out("connecting");
  if (code) co_return Error(Errc::connection_failed, "", "", code.message());
  Link link;
  link.address = address;
  link.wire = tls_->connect(std::move(*socket), url.host);
  if (link.wire == nullptr) co_return Error(Errc::tls_failed);
  co_return link;
}

Task<Result<Link>> Core::shake_hands(Url url, Link link, std::shared_ptr<Expiry> expiry) {
  bool late = false;
  const std::shared_ptr<Wire> wire = link.wire;
  expiry->guard(options_.deadlines.handshake, [wire, &late] {
    late = true;
    wire->close();
  });
  const Code failure = co_await wire->handshake();
  expiry->disarm();
  if (!late && !failure) co_return link;
  wire->close();
  if (late) co_return timed_out("securing the connection");
  co_return Error(Errc::tls_failed, "", "", url.host + ": " + failure.message());
}

std::optional<Link> Core::take_idle(const std::string& key,
                                    const std::vector<AddressBytes>& addresses) {
  const auto found = idle_.find(key);
  if (found == idle_.end()) return std::nullopt;
  std::vector<Link>& links = found->second;
  while (!links.empty()) {
    Link link = std::move(links.back());
    links.pop_back();
    const bool meant =
        std::find(addresses.begin(), addresses.end(), link.address) != addresses.end();
    // A connection that was closed meanwhile is replaced: nothing has been written on it.
    if (meant && link.wire->quiet()) return link;
    link.wire->close();
  }
  idle_.erase(found);
  return std::nullopt;
}

void Core::keep(const std::string& key, Link link) {
  std::vector<Link>& links = idle_[key];
  if (links.size() >= kIdlePerHost) return link.wire->close();
  link.idle_since = Expiry::Clock::now();
  links.push_back(std::move(link));
}

void Core::drop_old() {
  const auto oldest = Expiry::Clock::now() - kIdleAge;
  for (auto host = idle_.begin(); host != idle_.end();) {
    std::erase_if(host->second, [oldest](const Link& link) { return link.idle_since < oldest; });
    host = host->second.empty() ? idle_.erase(host) : std::next(host);
  }
}

class PooledClient final : public Client {
 public:
  PooledClient(Runtime& runtime, std::shared_ptr<Core> core)
      : runtime_(runtime), core_(std::move(core)) {}
  PooledClient(const PooledClient&) = delete;
  PooledClient& operator=(const PooledClient&) = delete;
  /// The kept connections belong to the I/O thread and end there.
  ~PooledClient() override {
    runtime_.post([core = std::move(core_)] {});
  }
  Task<Exchange> send(Url url, http::Request request) override {
    return core_->run(std::move(url), std::move(request));
  }

 private:
  Runtime& runtime_;
  std::shared_ptr<Core> core_;
};

}  // namespace

Result<std::unique_ptr<Client>> make_client(Runtime& runtime, ClientOptions options) {
  FLORIN_TRY(std::shared_ptr<TlsContext> tls, TlsContext::for_client(options.trusted_roots));
  auto core = std::make_shared<Core>(runtime, std::move(options), std::move(tls));
  return std::unique_ptr<Client>(std::make_unique<PooledClient>(runtime, std::move(core)));
}

}  // namespace florin::net
