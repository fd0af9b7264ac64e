#pragma once
/// HTTPS client. Its errors tell the one thing that money needs to know: whether a byte of the
/// request may have left.
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "daemon/http/message.h"
#include "daemon/net/runtime.h"

namespace florin::net {

struct ClientDeadlines {
  std::chrono::milliseconds resolve{2'000};
  std::chrono::milliseconds connect{3'000};
  std::chrono::milliseconds handshake{5'000};
  std::chrono::milliseconds total{20'000};
};

struct ClientOptions {
  /// PEM file of trusted roots; the system's store when empty. Names are always verified.
  std::filesystem::path trusted_roots;
  ClientDeadlines deadlines;
  std::size_t response_bytes = 64UL * 1024;  ///< more is an error
  /// Refuse addresses that are not public (loopback, private, link-local, …), judged on the address
  /// that is dialled. Off only for evaluation instances and tests.
  bool public_addresses_only = true;
  /// Names of hosts that may be dialled: whole names, or all below one as ".example.com". Empty =
  /// any.
  std::vector<std::string> allowed_hosts;
};

/// Whether the list lets a host, in lower case, be dialled.
bool host_allowed(const std::vector<std::string>& allowed, std::string_view host) noexcept;

/// The parts of an https URL.
struct Url {
  std::string host;
  std::uint16_t port = 443;
  std::string target = "/";
};
/// Takes absolute https URLs without user info and fragment. Error: `malformed_value`.
Result<Url> parse_url(std::string_view text);

/// How far an exchange came before it ended without an answer.
enum class Stage : std::uint8_t {
  request,  ///< it cannot be sent as it is
  dns,
  address,  ///< the host may not be dialled from here
  tcp,
  tls,
  answer,
};
std::string_view stage_name(Stage stage) noexcept;

struct Exchange {
  /// The answer, or why there is none.
  std::optional<http::Response> response;
  std::optional<Error> error;
  Stage stage = Stage::request;
  /// False only when it is certain that no byte of the request left this process: then the peer
  /// cannot have acted on it.
  bool request_may_have_left = false;
};

/// `send` runs on the I/O thread; destruction may happen on any, before the runtime is destroyed.
class Client {
 public:
  virtual ~Client() = default;
  /// Sends one request on a connection (kept alive between requests to the same host) and reads the
  /// answer. A request is never sent twice, not even when a kept connection turns out dead after
  /// its first byte was written. Never throws.
  virtual Task<Exchange> send(Url url, http::Request request) = 0;
};

/// Error: `tls_failed` when the roots cannot be read.
Result<std::unique_ptr<Client>> make_client(Runtime& runtime, ClientOptions options);

}  // namespace florin::net
