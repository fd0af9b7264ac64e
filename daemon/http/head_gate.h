#pragma once
/// The strict look at the head of a message, before any parser sees it: start line and fields, byte
/// by byte, so that the verdict does not depend on packet boundaries.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "daemon/http/parser.h"

namespace florin::http {

class HeadGate {
 public:
  enum class Kind : std::uint8_t { request, response };
  HeadGate(Kind kind, const ParserLimits& limits) : kind_(kind), limits_(limits) {}

  /// Returns how many bytes were used; stops behind the empty line that ends the head, or at an
  /// error.
  std::size_t feed(std::string_view bytes);
  [[nodiscard]] bool complete() const noexcept { return complete_; }
  [[nodiscard]] const std::optional<Error>& error() const noexcept { return error_; }
  /// The head as received, with the empty line.
  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  [[nodiscard]] bool chunked() const noexcept { return transfer_encodings_ > 0; }
  [[nodiscard]] std::optional<std::uint64_t> content_length() const noexcept {
    return content_length_;
  }
  [[nodiscard]] bool keep_alive() const noexcept { return keep_alive_; }

 private:
  void take(char c);
  void take_line(std::string_view line);
  void take_request_line(std::string_view line);
  void take_method(std::string_view method);
  void take_status_line(std::string_view line);
  void take_field(std::string_view line);
  void take_framing_field(std::string_view name, std::string_view value);
  void take_content_length(std::string_view value);
  void take_request_field(std::string_view name, std::string_view value);
  void finish();
  void finish_request();
  void fail(Errc code, std::string message) {
    if (!error_) error_.emplace(code, std::string(), std::move(message));
  }

  Kind kind_;
  ParserLimits limits_;
  std::string text_;
  std::size_t line_start_ = 0;
  std::size_t fields_ = 0;
  std::size_t hosts_ = 0;
  std::size_t transfer_encodings_ = 0;
  std::optional<std::uint64_t> content_length_;
  bool carriage_return_ = false;
  bool have_start_line_ = false;
  bool body_allowed_ = true;
  bool keep_alive_ = true;
  bool complete_ = false;
  std::optional<Error> error_;
};

}  // namespace florin::http
