#include "daemon/net/connection.h"

#include <ctime>
#include <exception>
#include <optional>

#include "base/log.h"
#include "daemon/http/problem.h"

namespace florin::net {
namespace {

constexpr std::chrono::milliseconds kFinish{2'000};
constexpr std::chrono::milliseconds kForever = std::chrono::milliseconds::max();

http::ParserLimits parser_limits(const ServerLimits& limits) {
  return {limits.header_bytes, limits.header_fields, limits.target_bytes, limits.body_bytes};
}

/// The Date field of RFC 9110 §6.6.1, made once a second. I/O thread only.
const std::string& http_date() {
  thread_local std::time_t made = 0;
  thread_local std::string text;
  const std::time_t now = std::time(nullptr);
  if (now != made || text.empty()) {
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::array<char, 40> out{};
    // No locale is ever set, so the names are English as the standard wants them.
    text.assign(out.data(),
                std::strftime(out.data(), out.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts));
    made = now;
  }
  return text;
}

/// The answer to a request that this connection may not carry; nothing when it may.
std::optional<http::Response> refusal_of(Standing standing) {
  switch (standing) {
    case Standing::good:
      return std::nullopt;
    case Standing::misdirected:
      return http::problem_as(
          421, Error(Errc::header_invalid, "Host", "this connection is not for that host"), {});
    case Standing::untrusted:
      return http::problem(
          Error(Errc::credential_invalid, "", "the client certificate is not taken any more"), {});
  }
  return std::nullopt;
}

}  // namespace

Connection::Connection(std::unique_ptr<Wire> wire, Peer peer, const ServerLimits& limits,
                       std::shared_ptr<const Handler> handler)
    : wire_(std::move(wire)),
      peer_(std::move(peer)),
      limits_(limits),
      handler_(std::move(handler)),
      parser_(parser_limits(limits)) {}

void Connection::enter(Phase phase, std::chrono::milliseconds limit) {
  phase_ = phase;
  overdue_ = false;
  deadline_ = limit == kForever ? Clock::time_point::max() : Clock::now() + limit;
}

bool Connection::idle() const noexcept {
  return phase_ == Phase::reading && parser_.state() == http::ParserState::empty;
}

void Connection::sweep(Clock::time_point now) {
  if (draining_ && idle()) wire_->cancel();
  if (now < deadline_) return;
  overdue_ = true;
  // A request that is too slow is still told so; everything else is beyond talking.
  if (phase_ == Phase::reading) {
    wire_->cancel();
  } else {
    wire_->close();
  }
}

void Connection::drain() {
  draining_ = true;
  if (phase_ == Phase::handshake) wire_->close();
  if (idle()) wire_->cancel();
}

Task<void> Connection::serve() {
  enter(Phase::handshake, limits_.handshake);
  const Code failure = co_await wire_->handshake();
  if (overdue_) {
    wire_->close();
    co_return;
  }
  if (failure) {
    enter(Phase::finishing, std::min(kFinish, limits_.write));
    co_await wire_->finish();
    co_return;
  }
  peer_.tls = wire_->proven();
  bool more = true;
  while (more) more = co_await serve_one();
  enter(Phase::finishing, std::min(kFinish, limits_.write));
  co_await wire_->finish();
}

Task<bool> Connection::serve_one() {
  if (draining_) co_return false;
  const bool readable = co_await read_request();
  if (!readable) co_return false;
  if (parser_.state() == http::ParserState::failed) {
    http::Response refusal = http::problem(parser_.error(), {});
    co_return co_await answer(std::move(refusal), true, false);
  }
  const bool close = !parser_.keep_alive();
  http::Request request = parser_.take();
  if (auto refusal = refusal_of(wire_->standing(request.headers.get("Host").value_or("")))) {
    co_return co_await answer(std::move(*refusal), true, false);
  }
  const bool head_only = request.method == "HEAD";
  enter(Phase::handling, kForever);
  http::Response response = co_await handle(std::move(request));
  served_ = true;
  co_return co_await answer(std::move(response), close, head_only);
}

/// False when the connection has ended or nothing came. Otherwise the parser is complete or failed.
Task<bool> Connection::read_request() {
  using http::ParserState;
  enter(Phase::reading, served_ && buffered_.empty() ? limits_.idle : limits_.header);
  while (parser_.state() != ParserState::complete && parser_.state() != ParserState::failed) {
    if (buffered_.empty()) {
      const std::span<char> into(buffer_);
      const Read got = co_await wire_->read(into);
      if (overdue_) {
        if (parser_.state() == ParserState::empty) co_return false;
        http::Response late = http::problem(Error(Errc::request_timeout), {});
        co_await answer(std::move(late), true, false);
        co_return false;
      }
      if (got.code) co_return false;
      buffered_ = std::string_view(buffer_.data(), got.bytes);
    }
    const ParserState before = parser_.state();
    buffered_.remove_prefix(parser_.feed(buffered_));
    if (before == ParserState::empty && served_) enter(Phase::reading, limits_.header);
    if (before != ParserState::body && parser_.state() == ParserState::body) {
      enter(Phase::reading, limits_.body);
    }
  }
  co_return true;
}

Task<http::Response> Connection::handle(http::Request request) {
  std::string failure;
  try {
    co_return co_await (*handler_)(std::move(request), peer_);
  } catch (const std::exception& exception) {
    failure = exception.what();
  } catch (...) {
    failure = "unknown exception";
  }
  const Error error(Errc::internal, "", "", failure);
  log_error("net.handler_failed", error);
  co_return http::problem(error, {});
}

Task<bool> Connection::answer(http::Response response, bool close, bool head_only) {
  // The handler chose silence; see Handler.
  if (response.status == 0) co_return false;
  close = close || draining_;
  if (response.headers.count("Date") == 0) response.headers.add("Date", http_date());
  const std::string bytes = http::serialize(response, close, head_only);
  enter(Phase::writing, limits_.write);
  const Code failure = co_await wire_->write(bytes);
  co_return !close && !failure;
}

}  // namespace florin::net
