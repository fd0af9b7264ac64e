#include "daemon/http/chunk_decoder.h"

#include <algorithm>

#include "daemon/http/characters.h"

namespace florin::http {
namespace {

constexpr std::size_t kExtraBytes = 4096;
constexpr std::size_t kSizeDigits = 8;

std::uint64_t digit_value(char c) noexcept {
  return static_cast<std::uint64_t>(is_digit(c) ? c - '0' : lower(c) - 'a' + 10);
}

}  // namespace

std::size_t ChunkDecoder::feed(std::string_view bytes, std::string& body) {
  std::size_t used = 0;
  while (used < bytes.size() && state_ != State::done && !error_) {
    if (state_ != State::data) {
      take(bytes[used++]);
      continue;
    }
    const std::string_view part = bytes.substr(used, static_cast<std::size_t>(size_));
    body.append(part);
    used += part.size();
    size_ -= part.size();
    if (size_ == 0) state_ = State::data_return;
  }
  return used;
}

void ChunkDecoder::refuse() {
  error_.emplace(Errc::header_invalid, "", "The chunked body is not well formed.");
}

void ChunkDecoder::expect(char c, char wanted, State next) {
  if (c != wanted) return refuse();
  state_ = next;
}

void ChunkDecoder::take(char c) {
  switch (state_) {
    case State::size_first:
    case State::size:
      return take_size(c);
    case State::extension:
      return take_extra(c, State::size_end);
    case State::size_end:
      return take_size_end(c);
    case State::data_return:
      return expect(c, '\r', State::data_end);
    case State::data_end:
      return expect(c, '\n', State::size_first);
    case State::trailer_first:
      if (c == '\r') return expect(c, '\r', State::body_end);
      if (strict_ || c == ' ' || c == '\t') return refuse();
      state_ = State::trailer;
      return take_extra(c, State::trailer_end);
    case State::trailer:
      return take_extra(c, State::trailer_end);
    case State::trailer_end:
      return expect(c, '\n', State::trailer_first);
    case State::body_end:
      return expect(c, '\n', State::done);
    case State::data:
    case State::done:
      return;
  }
}

void ChunkDecoder::take_size(char c) {
  if (state_ == State::size_first) {
    size_ = 0;
    digits_ = 0;
  }
  if (is_hex(c)) {
    if (++digits_ > kSizeDigits) return refuse();
    size_ = size_ * 16 + digit_value(c);
    state_ = State::size;
    return;
  }
  if (state_ == State::size_first) return refuse();
  if (c == '\r') return expect(c, '\r', State::size_end);
  if (strict_ || (c != ';' && c != ' ')) return refuse();
  state_ = State::extension;
}

void ChunkDecoder::take_extra(char c, State at_return) {
  if (c == '\r') return expect(c, '\r', at_return);
  if (!is_value_char(c) || ++extra_ > kExtraBytes) refuse();
}

void ChunkDecoder::take_size_end(char c) {
  if (c != '\n') return refuse();
  if (size_ == 0) {
    state_ = State::trailer_first;
    return;
  }
  if (size_ > limit_ - total_) {
    error_.emplace(Errc::payload_too_large);
    return;
  }
  total_ += static_cast<std::size_t>(size_);
  state_ = State::data;
}

}  // namespace florin::http
