#include "daemon/http/head_gate.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "daemon/http/characters.h"

namespace florin::http {
namespace {

/// Room in a request line for the longest method, two spaces and the version.
constexpr std::size_t kRequestLineExtra = 32;

bool is_host(std::string_view value) noexcept {
  for (const char c : value) {
    if (!is_digit(c) && !is_alpha(c) &&
        std::string_view("-._:[]").find(c) == std::string_view::npos) {
      return false;
    }
  }
  return !value.empty();
}

bool names(std::string_view list, std::string_view token) noexcept {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (equal_fold(trim(list.substr(0, comma)), token)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

}  // namespace

std::size_t HeadGate::feed(std::string_view bytes) {
  std::size_t used = 0;
  while (used < bytes.size() && !complete_ && !error_) take(bytes[used++]);
  return used;
}

void HeadGate::take(char c) {
  text_.push_back(c);
  if (kind_ == Kind::request && !have_start_line_ &&
      text_.size() > limits_.target_bytes + kRequestLineExtra) {
    return fail(Errc::uri_too_long, {});
  }
  if (text_.size() > limits_.header_bytes) return fail(Errc::header_too_large, {});
  if (c == '\0') return fail(Errc::header_invalid, "The header contains a NUL byte.");
  if (carriage_return_ != (c == '\n')) {
    return fail(Errc::header_invalid, "A line of the header does not end in CR LF.");
  }
  carriage_return_ = c == '\r';
  if (c != '\n') return;
  const std::string_view line =
      std::string_view(text_).substr(line_start_, text_.size() - line_start_ - 2);
  line_start_ = text_.size();
  take_line(line);
}

void HeadGate::take_line(std::string_view line) {
  if (!have_start_line_) {
    have_start_line_ = true;
    return kind_ == Kind::request ? take_request_line(line) : take_status_line(line);
  }
  if (line.empty()) return finish();
  take_field(line);
}

void HeadGate::take_request_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return fail(Errc::header_invalid, "The request line is not well formed.");
  }
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (version.size() != 8 || !version.starts_with("HTTP/") || !is_digit(version[5]) ||
      version[6] != '.' || !is_digit(version[7]) || !is_token(method)) {
    return fail(Errc::header_invalid, "The request line is not well formed.");
  }
  if (version != "HTTP/1.1") return fail(Errc::http_version_unsupported, {});
  take_method(method);
  if (target.size() > limits_.target_bytes) return fail(Errc::uri_too_long, {});
  if (!is_origin_form(target)) {
    return fail(Errc::header_invalid, "The request target is not a path with an optional query.");
  }
}

void HeadGate::take_method(std::string_view method) {
  constexpr std::array<std::string_view, 7> kKnown = {"GET",   "HEAD",   "POST",   "PUT",
                                                      "PATCH", "DELETE", "OPTIONS"};
  for (const std::string_view known : kKnown) {
    if (method != known) continue;
    body_allowed_ = method.starts_with('P');
    return;
  }
  if (method == "CONNECT" || method == "TRACE") {
    error_.emplace(Errc::method_not_allowed, "", "", "GET, HEAD, POST, PUT, PATCH, DELETE");
    return;
  }
  for (const char c : method) {
    if (!is_upper(c)) return fail(Errc::header_invalid, "The method is not known.");
  }
  fail(Errc::not_implemented, "The method is not known.");
}

void HeadGate::take_status_line(std::string_view line) {
  if (line.starts_with("HTTP/1.0 ")) {
    keep_alive_ = false;
  } else if (!line.starts_with("HTTP/1.1 ")) {
    fail(Errc::http_version_unsupported, {});
  }
}

void HeadGate::take_field(std::string_view line) {
  if (++fields_ > limits_.header_fields) return fail(Errc::header_too_large, {});
  if (line.front() == ' ' || line.front() == '\t') {
    return fail(Errc::header_invalid, "A header line is folded.");
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
    return fail(Errc::header_invalid, "A header name is not well formed.");
  }
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trim(line.substr(colon + 1));
  if (!is_value(value)) {
    return fail(Errc::header_invalid, "A header value contains a control character.");
  }
  take_framing_field(name, value);
  if (kind_ == Kind::request) take_request_field(name, value);
}

void HeadGate::take_framing_field(std::string_view name, std::string_view value) {
  if (equal_fold(name, "Content-Length")) return take_content_length(value);
  if (equal_fold(name, "Transfer-Encoding")) {
    if (++transfer_encodings_ > 1) {
      return fail(Errc::header_invalid, "Transfer-Encoding is given more than once.");
    }
    if (!equal_fold(value, "chunked")) {
      return fail(Errc::not_implemented, "The transfer coding is not supported.");
    }
    return;
  }
  if (equal_fold(name, "Connection") && names(value, "close")) keep_alive_ = false;
}

void HeadGate::take_content_length(std::string_view value) {
  if (content_length_) {
    return fail(Errc::header_invalid, "Content-Length is given more than once.");
  }
  std::uint64_t length = 0;
  const char* const begin = value.data();
  const char* const end = begin + value.size();
  const auto [stop, failure] = std::from_chars(begin, end, length);
  if (value.empty() || value.size() > 19 || failure != std::errc() || stop != end) {
    return fail(Errc::header_invalid, "Content-Length is not a number.");
  }
  content_length_ = length;
}

void HeadGate::take_request_field(std::string_view name, std::string_view value) {
  if (equal_fold(name, "Host")) {
    ++hosts_;
    if (!is_host(value)) fail(Errc::header_invalid, "Host is not well formed.");
  } else if (equal_fold(name, "Expect")) {
    // RFC 9110 §10.1.1 lets a client that gets 417 repeat the request without it. No "100 Continue"
    // is ever sent, so no body is invited before the credentials are known.
    fail(Errc::expectation_failed, {});
  } else if (equal_fold(name, "Content-Encoding")) {
    fail(Errc::unsupported_media_type, "Content codings are not supported.");
  }
}

void HeadGate::finish() {
  complete_ = true;
  if (content_length_ && transfer_encodings_ > 0) {
    return fail(Errc::header_invalid, "Content-Length and Transfer-Encoding exclude each other.");
  }
  if (kind_ == Kind::request) finish_request();
}

void HeadGate::finish_request() {
  if (hosts_ != 1) return fail(Errc::header_invalid, "Exactly one Host is required.");
  if (!body_allowed_ && (transfer_encodings_ > 0 || content_length_.value_or(0) > 0)) {
    return fail(Errc::header_invalid, "This method takes no body.");
  }
  if (content_length_.value_or(0) > limits_.body_bytes) fail(Errc::payload_too_large, {});
}

}  // namespace florin::http
