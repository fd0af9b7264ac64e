#include "daemon/http/parser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <optional>

#include "daemon/http/chunk_gate.h"
#include "daemon/http/head_gate.h"

namespace florin::http {
namespace {

namespace beast = boost::beast;
using Code = beast::error_code;

constexpr int kInterimResponses = 8;

std::string text(beast::string_view view) {
  return std::string(view.data(), view.size());
}

/// Beast calls this with what it finds; it collects.
template <bool kRequest>
class Sink final : public beast::http::basic_parser<kRequest> {
 public:
  std::string method;
  std::string target;
  int status = 0;
  Headers headers;
  std::string body;

 private:
  void on_request_impl(beast::http::verb, beast::string_view method_text,
                       beast::string_view target_text, int, Code& ec) override {
    method = text(method_text);
    target = text(target_text);
    ec = {};
  }
  void on_response_impl(int code, beast::string_view, int, Code& ec) override {
    status = code;
    ec = {};
  }
  void on_field_impl(beast::http::field, beast::string_view name, beast::string_view value,
                     Code& ec) override {
    ec = {};
    // Trailers come after the head and are not merged. A name with an underscore is some gateway's
    // alias of a name with a hyphen: dropped, so that it can never stand for the real one.
    if (in_body_ || (kRequest && name.find('_') != beast::string_view::npos)) return;
    headers.add(text(name), text(value));
  }
  void on_header_impl(Code& ec) override {
    in_body_ = true;
    ec = {};
  }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, Code& ec) override { ec = {}; }
  std::size_t on_body_impl(beast::string_view part, Code& ec) override {
    ec = {};
    body.append(part.data(), part.size());
    return part.size();
  }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, Code& ec) override { ec = {}; }
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view part, Code& ec) override {
    ec = {};
    body.append(part.data(), part.size());
    return part.size();
  }
  void on_finish_impl(Code& ec) override { ec = {}; }

  bool in_body_ = false;
};

/// One message: the gates decide, Beast parses. The two must agree on where the message ends.
template <bool kRequest>
class Machine {
 public:
  Machine(const ParserLimits& limits, bool skip_body) : limits_(limits), skip_body_(skip_body) {
    reset();
  }

  void reset() {
    gate_.emplace(kRequest ? HeadGate::Kind::request : HeadGate::Kind::response, limits_);
    chunks_.reset();
    sink_.emplace();
    sink_->eager(true);
    sink_->skip(skip_body_);
    sink_->body_limit(limits_.body_bytes);
    pending_.clear();
    ends_with_eof_ = false;
    state_ = ParserState::empty;
  }

  std::size_t feed(std::string_view bytes) {
    std::size_t used = 0;
    while (used < bytes.size() && state_ != ParserState::complete &&
           state_ != ParserState::failed) {
      const std::string_view rest = bytes.substr(used);
      used += state_ == ParserState::body ? feed_body(rest) : feed_head(rest);
    }
    return used;
  }

  void feed_end() {
    if (state_ == ParserState::complete || state_ == ParserState::failed) return;
    Code ec = beast::http::error::partial_message;
    if (state_ == ParserState::body && !chunks_ && !gate_->content_length()) sink_->put_eof(ec);
    if (ec) return fail(Error(Errc::header_invalid, "", "The message ends too early."));
    state_ = ParserState::complete;
  }

  [[nodiscard]] ParserState state() const noexcept { return state_; }
  [[nodiscard]] const std::optional<Error>& error() const noexcept { return error_; }
  [[nodiscard]] bool keep_alive() const noexcept { return gate_->keep_alive() && !ends_with_eof_; }
  Sink<kRequest>& sink() { return *sink_; }

 private:
  std::size_t feed_head(std::string_view bytes) {
    state_ = ParserState::head;
    const std::size_t used = gate_->feed(bytes);
    if (gate_->error()) {
      fail(*gate_->error());
    } else if (gate_->complete()) {
      parse_head();
    }
    return used;
  }

  void parse_head() {
    const std::string& head = gate_->text();
    sink_->header_limit(static_cast<std::uint32_t>(head.size() + 1));
    Code ec;
    const std::size_t used = sink_->put(boost::asio::buffer(head.data(), head.size()), ec);
    if (ec == beast::http::error::body_limit) return fail(Error(Errc::payload_too_large));
    if ((ec && ec != beast::http::error::need_more) || used != head.size() ||
        !sink_->is_header_done()) {
      return fail(Error(Errc::header_invalid, "", "The header is not well formed.", ec.message()));
    }
    if (!kRequest && sink_->status / 100 == 1) return skip_interim();
    if (sink_->is_done()) {
      state_ = ParserState::complete;
      return;
    }
    if (gate_->chunked()) chunks_.emplace(limits_.body_bytes, kRequest);
    ends_with_eof_ = !gate_->chunked() && !gate_->content_length();
    state_ = ParserState::body;
  }

  void skip_interim() {
    if (sink_->status == 101 || ++interim_ > kInterimResponses) {
      return fail(Error(Errc::not_implemented, "", "The interim response was not asked for."));
    }
    reset();
  }

  std::size_t feed_body(std::string_view bytes) {
    std::size_t used = bytes.size();
    if (chunks_) {
      used = chunks_->feed(bytes);
      if (chunks_->error()) {
        fail(*chunks_->error());
        return used;
      }
      pending_.append(bytes.substr(0, used));
      const std::size_t parsed = put(pending_);
      pending_.erase(0, parsed);
      if (state_ == ParserState::body && chunks_->complete() != sink_->is_done()) {
        fail(Error(Errc::header_invalid, "", "The chunked body is not well formed."));
      }
    } else {
      used = put(bytes);
    }
    if (state_ == ParserState::body && sink_->is_done()) state_ = ParserState::complete;
    return used;
  }

  std::size_t put(std::string_view bytes) {
    Code ec;
    const std::size_t used = sink_->put(boost::asio::buffer(bytes.data(), bytes.size()), ec);
    if (ec == beast::http::error::body_limit) {
      fail(Error(Errc::payload_too_large));
    } else if (ec && ec != beast::http::error::need_more) {
      fail(Error(Errc::header_invalid, "", "The body is not well formed.", ec.message()));
    }
    return used;
  }

  void fail(Error error) {
    error_.emplace(std::move(error));
    state_ = ParserState::failed;
  }

  ParserLimits limits_;
  bool skip_body_;
  std::optional<HeadGate> gate_;
  std::optional<ChunkGate> chunks_;
  std::optional<Sink<kRequest>> sink_;
  std::string pending_;  ///< chunked bytes that Beast wants to see again with more behind them
  ParserState state_ = ParserState::empty;
  int interim_ = 0;
  bool ends_with_eof_ = false;
  std::optional<Error> error_;
};

Error as_answer_error(const Error& error) {
  return Error(Errc::connector_answer_invalid, "", "",
               std::string(errc_name(error.code())) + ": " + error.message());
}

}  // namespace

struct RequestParser::Impl {
  explicit Impl(const ParserLimits& limits) : machine(limits, false) {}
  Machine<true> machine;
};

RequestParser::RequestParser(const ParserLimits& limits) : impl_(std::make_unique<Impl>(limits)) {}
RequestParser::~RequestParser() = default;
RequestParser::RequestParser(RequestParser&&) noexcept = default;
RequestParser& RequestParser::operator=(RequestParser&&) noexcept = default;

std::size_t RequestParser::feed(std::string_view bytes) {
  return impl_->machine.feed(bytes);
}
ParserState RequestParser::state() const noexcept {
  return impl_->machine.state();
}
bool RequestParser::keep_alive() const noexcept {
  return impl_->machine.keep_alive();
}

const Error& RequestParser::error() const {
  FLORIN_ASSERT(impl_->machine.error().has_value());
  return *impl_->machine.error();
}

Request RequestParser::take() {
  FLORIN_ASSERT(state() == ParserState::complete);
  auto& sink = impl_->machine.sink();
  Request request{std::move(sink.method), std::move(sink.target), std::move(sink.headers),
                  std::move(sink.body)};
  impl_->machine.reset();
  return request;
}

struct ResponseParser::Impl {
  Impl(const ParserLimits& limits, bool head_request) : machine(limits, head_request) {}
  Machine<false> machine;
  std::optional<Error> error;

  void note_error() {
    if (machine.error() && !error) error.emplace(as_answer_error(*machine.error()));
  }
};

ResponseParser::ResponseParser(const ParserLimits& limits, bool head_request)
    : impl_(std::make_unique<Impl>(limits, head_request)) {}
ResponseParser::~ResponseParser() = default;
ResponseParser::ResponseParser(ResponseParser&&) noexcept = default;
ResponseParser& ResponseParser::operator=(ResponseParser&&) noexcept = default;

std::size_t ResponseParser::feed(std::string_view bytes) {
  const std::size_t used = impl_->machine.feed(bytes);
  impl_->note_error();
  return used;
}

void ResponseParser::feed_end() {
  impl_->machine.feed_end();
  impl_->note_error();
}

ParserState ResponseParser::state() const noexcept {
  return impl_->machine.state();
}
bool ResponseParser::keep_alive() const noexcept {
  return impl_->machine.keep_alive();
}

const Error& ResponseParser::error() const {
  FLORIN_ASSERT(impl_->error.has_value());
  return *impl_->error;
}

Response ResponseParser::take() {
  FLORIN_ASSERT(state() == ParserState::complete);
  auto& sink = impl_->machine.sink();
  Response response{sink.status, std::move(sink.headers), std::move(sink.body)};
  impl_->machine.reset();
  return response;
}

Result<Request> parse_request(std::string_view bytes, const ParserLimits& limits) {
  RequestParser parser(limits);
  parser.feed(bytes);
  if (parser.state() == ParserState::complete) return parser.take();
  if (parser.state() == ParserState::failed) return parser.error();
  return Error(Errc::header_invalid, "", "The message ends too early.");
}

Result<Response> parse_response(std::string_view bytes, const ParserLimits& limits,
                                bool head_request) {
  ResponseParser parser(limits, head_request);
  parser.feed(bytes);
  parser.feed_end();
  if (parser.state() == ParserState::complete) return parser.take();
  return parser.error();
}

}  // namespace florin::http
