#include "daemon/http/parser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <optional>

#include "daemon/http/chunk_decoder.h"
#include "daemon/http/head_gate.h"

namespace florin::http {
namespace {

namespace beast = boost::beast;
using Code = beast::error_code;

constexpr int kInterimResponses = 8;

std::string text(beast::string_view view) {
  return std::string(view.data(), view.size());
}

/// Beast calls this with what it finds in a head; it collects. Beast never gets a byte of a body:
/// its chunk parser asserts on how its input is cut (a last chunk followed by fewer than five
/// bytes), and a peer that can choose packet boundaries could end the process. The head comes in
/// one call, whole and judged, which leaves none of its assertions reachable.
template <bool kRequest>
class Sink final : public beast::http::basic_parser<kRequest> {
 public:
  std::string method;
  std::string target;
  int status = 0;
  Headers headers;

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
    // A name with an underscore is some gateway's alias of a name with a hyphen: dropped, so that
    // it can never stand for the real one.
    if (kRequest && name.find('_') != beast::string_view::npos) return;
    headers.add(text(name), text(value));
  }
  void on_header_impl(Code& ec) override { ec = {}; }
  void on_finish_impl(Code& ec) override { ec = {}; }
  // Never called: no body is handed over.
  void on_body_init_impl(const boost::optional<std::uint64_t>&, Code& ec) override { ec = {}; }
  std::size_t on_body_impl(beast::string_view part, Code& ec) override {
    ec = {};
    return part.size();
  }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, Code& ec) override { ec = {}; }
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view part, Code& ec) override {
    ec = {};
    return part.size();
  }
};

/// One message: the gate decides, Beast parses the head, the body is read here.
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
    sink_->skip(skip_body_);
    sink_->body_limit(boost::none);  // enforced here
    body_.clear();
    left_ = 0;
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
    if (state_ != ParserState::body || !ends_with_eof_) {
      return fail(Error(Errc::header_invalid, "", "The message ends too early."));
    }
    state_ = ParserState::complete;
  }

  [[nodiscard]] ParserState state() const noexcept { return state_; }
  [[nodiscard]] const std::optional<Error>& error() const noexcept { return error_; }
  [[nodiscard]] bool keep_alive() const noexcept { return gate_->keep_alive() && !ends_with_eof_; }
  Sink<kRequest>& sink() { return *sink_; }
  std::string& body() { return body_; }

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
    if (ec || used != head.size() || !sink_->is_header_done()) {
      return fail(Error(Errc::header_invalid, "", "The header is not well formed.", ec.message()));
    }
    if (!kRequest && sink_->status / 100 == 1) return skip_interim();
    if (sink_->is_done()) {
      state_ = ParserState::complete;
      return;
    }
    begin_body();
  }

  void begin_body() {
    state_ = ParserState::body;
    if (gate_->chunked()) {
      chunks_.emplace(limits_.body_bytes, kRequest);
      return;
    }
    ends_with_eof_ = !gate_->content_length();
    const std::uint64_t length = gate_->content_length().value_or(0);
    if (length > limits_.body_bytes) return fail(Error(Errc::payload_too_large));
    left_ = static_cast<std::size_t>(length);
  }

  void skip_interim() {
    if (sink_->status == 101 || ++interim_ > kInterimResponses) {
      return fail(Error(Errc::not_implemented, "", "The interim response was not asked for."));
    }
    reset();
  }

  std::size_t feed_body(std::string_view bytes) {
    if (chunks_) {
      const std::size_t used = chunks_->feed(bytes, body_);
      if (chunks_->error()) {
        fail(*chunks_->error());
      } else if (chunks_->complete()) {
        state_ = ParserState::complete;
      }
      return used;
    }
    if (ends_with_eof_) {
      if (bytes.size() > limits_.body_bytes - body_.size()) {
        fail(Error(Errc::payload_too_large));
      } else {
        body_.append(bytes);
      }
      return bytes.size();
    }
    const std::string_view part = bytes.substr(0, left_);
    body_.append(part);
    left_ -= part.size();
    if (left_ == 0) state_ = ParserState::complete;
    return part.size();
  }

  void fail(Error error) {
    error_.emplace(std::move(error));
    state_ = ParserState::failed;
  }

  ParserLimits limits_;
  bool skip_body_;
  std::optional<HeadGate> gate_;
  std::optional<ChunkDecoder> chunks_;  ///< when the body is chunked
  std::optional<Sink<kRequest>> sink_;
  std::string body_;
  std::size_t left_ = 0;  ///< of a body with a length
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
                  std::move(impl_->machine.body())};
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
  Response response{sink.status, std::move(sink.headers), std::move(impl_->machine.body())};
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
