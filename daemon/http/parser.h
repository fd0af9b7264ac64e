#pragma once
/// Incremental HTTP/1.1 parsers: bytes in, one message or one error out. The outcome does not
/// depend on how the bytes are cut. No I/O; one parser belongs to one connection and one thread.
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "daemon/http/message.h"

namespace florin::http {

struct ParserLimits {
  std::size_t header_bytes = 16UL * 1024;  ///< start line and fields together
  std::size_t header_fields = 100;
  std::size_t target_bytes = 8UL * 1024;
  std::size_t body_bytes = 64UL * 1024;
};

enum class ParserState : std::uint8_t {
  empty,     ///< no byte yet
  head,      ///< inside the start line or the fields
  body,      ///< the head is complete, the body is not
  complete,  ///< a message can be taken
  failed,    ///< nothing more can be read from this connection
};

/// Reads requests. Refuses what RFC 9112 forbids or leaves to taste: both framings at once, several
/// lengths, codings other than exactly "chunked", folded lines, bare line feeds, targets other than
/// origin-form, trailers. Fields with an underscore in the name are dropped.
/// Errors by status: 400 header_invalid, 405 method_not_allowed, 413 payload_too_large, 414
/// uri_too_long, 415 unsupported_media_type, 417 expectation_failed, 431 header_too_large, 501
/// not_implemented, 505 http_version_unsupported.
class RequestParser {
 public:
  explicit RequestParser(const ParserLimits& limits = {});
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;
  RequestParser(RequestParser&&) noexcept;
  RequestParser& operator=(RequestParser&&) noexcept;

  /// Returns how many bytes were used: all of them, unless the request ended or failed before.
  std::size_t feed(std::string_view bytes);
  [[nodiscard]] ParserState state() const noexcept;
  /// False when the peer asked for the connection to end after this request. Ask before `take`.
  [[nodiscard]] bool keep_alive() const noexcept;
  /// Only in state `failed`.
  [[nodiscard]] const Error& error() const;
  /// Only in state `complete`; the parser is then `empty` again.
  Request take();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Reads responses. Interim responses (1xx) are skipped. Accepts what servers may legally send,
/// chunk extensions and trailers included (both ignored). Error: `connector_answer_invalid`.
class ResponseParser {
 public:
  /// `head_request`: the request was HEAD, so no body follows whatever the fields say.
  explicit ResponseParser(const ParserLimits& limits = {}, bool head_request = false);
  ~ResponseParser();
  ResponseParser(const ResponseParser&) = delete;
  ResponseParser& operator=(const ResponseParser&) = delete;
  ResponseParser(ResponseParser&&) noexcept;
  ResponseParser& operator=(ResponseParser&&) noexcept;

  /// As in RequestParser.
  std::size_t feed(std::string_view bytes);
  /// The peer closed its side: completes a body that ends with the connection, fails any other.
  void feed_end();
  [[nodiscard]] ParserState state() const noexcept;
  [[nodiscard]] bool keep_alive() const noexcept;
  [[nodiscard]] const Error& error() const;
  Response take();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The first request in some bytes; `header_invalid` when they end too early. For tests and
/// fuzzing.
Result<Request> parse_request(std::string_view bytes, const ParserLimits& limits = {});
/// The first response in some bytes, which are all there is.
Result<Response> parse_response(std::string_view bytes, const ParserLimits& limits = {},
                                bool head_request = false);

}  // namespace florin::http
