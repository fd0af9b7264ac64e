#include <array>

#include "daemon/http/characters.h"
#include "daemon/http/message.h"
#include "daemon/http/status.h"

namespace florin::http {
namespace {

/// Fields that frame the message: set here and nowhere else.
bool is_framing(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 6> kNames = {
      "Host", "Content-Length", "Transfer-Encoding", "Connection", "Trailer", "Upgrade"};
  for (const std::string_view framing : kNames) {
    if (equal_fold(name, framing)) return true;
  }
  return false;
}

/// A field that could break the message apart (CR, LF, NUL) is left out: nothing that a value holds
/// may become a second field or message.
void append_fields(std::string& out, const Headers& headers) {
  for (const auto& [name, value] : headers.fields()) {
    if (is_framing(name) || !is_token(name) || !is_value(value)) continue;
    out.append(name).append(": ").append(value).append("\r\n");
  }
}

/// Not less than `append_fields` appends.
std::size_t size_of(const Headers& headers) {
  std::size_t size = 0;
  for (const auto& [name, value] : headers.fields()) size += name.size() + value.size() + 4;
  return size;
}

void append_length(std::string& out, std::size_t length) {
  out.append("Content-Length: ").append(std::to_string(length)).append("\r\n");
}

bool has_no_body(int status) noexcept {
  return status == 204 || status == 304;
}

}  // namespace

std::string serialize(const Request& request, std::string_view host) {
  std::string out;
  // Once and for all: a growing buffer would leave copies of credentials behind.
  constexpr std::size_t kRest =
      128;  // spaces, version, line ends, Host's and Content-Length's names
  out.reserve(request.method.size() + request.target.size() + host.size() +
              size_of(request.headers) + request.body.size() + kRest);
  out.append(request.method).append(" ").append(request.target).append(" HTTP/1.1\r\nHost: ");
  out.append(host).append("\r\n");
  append_fields(out, request.headers);
  const bool may_be_without = request.method == "GET" || request.method == "HEAD";
  if (!request.body.empty() || !may_be_without) append_length(out, request.body.size());
  out.append("\r\n").append(request.body);
  return out;
}

std::string serialize(const Response& response, bool close, bool head_only) {
  std::string out;
  out.reserve(256 + size_of(response.headers) + response.body.size());
  out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  out.append(reason_of(response.status)).append("\r\n");
  append_fields(out, response.headers);
  if (!has_no_body(response.status)) append_length(out, response.body.size());
  if (close) out.append("Connection: close\r\n");
  out.append("\r\n");
  if (!head_only && !has_no_body(response.status)) out.append(response.body);
  return out;
}

}  // namespace florin::http
