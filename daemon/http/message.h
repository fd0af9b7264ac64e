#pragma once
/// HTTP/1.1 messages as values (RFC 9110, RFC 9112).
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace florin::http {

/// Header fields in the order received; names compare without case.
class Headers {
 public:
  void add(std::string name, std::string value) {
    fields_.emplace_back(std::move(name), std::move(value));
  }
  /// Replaces every field of that name.
  void set(std::string_view name, std::string value);
  /// The value if the field is there exactly once; `count` tells absence from repetition.
  [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const;
  [[nodiscard]] std::size_t count(std::string_view name) const;
  /// Overwrites every value and leaves it empty; the names stay. For those that held credentials.
  void wipe_values() noexcept;
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& fields() const noexcept {
    return fields_;
  }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

struct Request {
  std::string method;  ///< as sent
  std::string target;  ///< origin-form, exactly as sent: path and optional "?query"
  Headers headers;
  std::string body;

  [[nodiscard]] std::string_view path() const noexcept;
  /// Without the question mark; empty when there is none.
  [[nodiscard]] std::string_view query() const noexcept;
};

struct Response {
  int status = 200;  ///< 0 = none: a server closes the connection without an answer
  Headers headers;
  std::string body;
};

/// A JSON answer with Content-Type.
Response json_response(int status, std::string body);
/// The bytes of a request for a client to send; sets Host and Content-Length. They hold whatever
/// credentials the fields do and are made without leaving partial copies: wipe them after use.
std::string serialize(const Request& request, std::string_view host);
/// The bytes of a response; sets Content-Length and, when asked, Connection: close.
std::string serialize(const Response& response, bool close, bool head_only);

}  // namespace florin::http
