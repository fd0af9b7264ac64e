#pragma once
/// Chunked bodies (RFC 9112 §7.1), judged and decoded byte by byte: there is no byte that one party
/// judges and another decodes, and nothing to hold back until more has come.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace florin::http {

class ChunkDecoder {
 public:
  /// `strict`: neither chunk extensions nor trailers, which no request of ours has a use for.
  ChunkDecoder(std::size_t body_limit, bool strict) : limit_(body_limit), strict_(strict) {}

  /// Appends the data to `body`. Returns how many bytes belong to the framing and the data; less
  /// than given only when the body has ended or is refused.
  std::size_t feed(std::string_view bytes, std::string& body);
  [[nodiscard]] bool complete() const noexcept { return state_ == State::done; }
  [[nodiscard]] const std::optional<Error>& error() const noexcept { return error_; }

 private:
  enum class State : std::uint8_t {
    size_first,
    size,
    extension,
    size_end,
    data,
    data_return,
    data_end,
    trailer_first,
    trailer,
    trailer_end,
    body_end,
    done,
  };
  void take(char c);
  void take_size(char c);
  void take_size_end(char c);
  void take_extra(char c, State at_return);
  void expect(char c, char wanted, State next);
  void refuse();

  std::size_t limit_;
  bool strict_;
  State state_ = State::size_first;
  std::uint64_t size_ = 0;  ///< of the chunk at hand: what is left of it
  std::size_t digits_ = 0;
  std::size_t total_ = 0;
  std::size_t extra_ = 0;  ///< bytes of extensions and trailers
  std::optional<Error> error_;
};

}  // namespace florin::http
