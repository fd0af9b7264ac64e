#include <algorithm>
#include <charconv>

#include "daemon/http/characters.h"
#include "daemon/net/address_guard.h"
#include "daemon/net/client.h"

namespace florin::net {
namespace {

constexpr std::size_t kUrlBytes = 2048;

Error malformed(std::string message) {
  return Error(Errc::malformed_value, "", std::move(message));
}

bool is_label(std::string_view label) noexcept {
  if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-')
    return false;
  // "xn--" alone decodes to nothing.
  if (label.starts_with("xn--") && label.size() < 5) return false;
  return std::all_of(label.begin(), label.end(),
                     [](char c) { return http::is_digit(c) || http::is_alpha(c) || c == '-'; });
}

/// A DNS name of letters, digits and hyphens whose last label is not a number: resolvers read
/// "0x7f.1", "2130706433" and "127.1" as addresses.
bool is_name(std::string_view host) noexcept {
  if (host.empty() || host.size() > 253) return false;
  std::string_view label;
  for (std::size_t at = 0; at <= host.size(); at += label.size() + 1) {
    label = host.substr(at, std::min(host.find('.', at), host.size()) - at);
    if (!is_label(label)) return false;
  }
  return !http::is_digit(label.front());
}

bool has_dot_segment(std::string_view path) noexcept {
  std::size_t at = 0;
  while (at < path.size()) {
    const std::size_t next = std::min(path.find('/', at + 1), path.size());
    const std::string_view segment = path.substr(at + 1, next - at - 1);
    if (segment == "." || segment == "..") return true;
    at = next;
  }
  return false;
}

Result<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const auto [stop, failure] = std::from_chars(begin, end, port);
  if (text.empty() || text.front() == '0' || failure != std::errc() || stop != end) {
    return malformed("The port is not a number from 1 to 65535.");
  }
  return port;
}

Result<std::string> parse_host(std::string_view text) {
  if (text.starts_with('[')) {
    const std::string_view inner = text.substr(1, text.size() - 2);
    if (!text.ends_with(']') || inner.find(':') == std::string_view::npos ||
        !parse_address(inner)) {
      return malformed("The host is not an IPv6 address.");
    }
    return std::string(inner);
  }
  std::string host(text);
  std::transform(host.begin(), host.end(), host.begin(), http::lower);
  const bool address = host.find(':') == std::string::npos && parse_address(host).has_value();
  if (!address && !is_name(host)) return malformed("The host is not well formed.");
  return host;
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  constexpr std::string_view kScheme = "https://";
  if (text.size() > kUrlBytes) return malformed("The URL is too long.");
  if (!http::equal_fold(text.substr(0, kScheme.size()), kScheme)) {
    return malformed("The URL does not begin with https://.");
  }
  const std::string_view rest = text.substr(kScheme.size());
  const std::size_t authority_end = std::min(rest.find_first_of("/?#"), rest.size());
  std::string_view authority = rest.substr(0, authority_end);
  Url url;
  const std::size_t colon = authority.rfind(':');
  const std::size_t bracket = authority.rfind(']');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    FLORIN_TRY(url.port, parse_port(authority.substr(colon + 1)));
    authority = authority.substr(0, colon);
  }
  FLORIN_TRY(url.host, parse_host(authority));
  url.target = std::string(rest.substr(authority_end));
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  const std::string_view path = std::string_view(url.target).substr(0, url.target.find('?'));
  if (!http::is_origin_form(url.target) || has_dot_segment(path)) {
    return malformed("The path or query of the URL is not well formed.");
  }
  return url;
}

}  // namespace florin::net
