// A PSP for measurements: speaks the sandbox's dialect, keeps nothing, answers each charge after a
// given time. Says how long it really held the requests, so that its share can be taken off.
//   fast_psp CERTIFICATE KEY PORT_FILE DELAY_MS
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/json.h"
#include "bench/measure.h"
#include "daemon/net/server.h"

namespace florin::bench {
namespace {

class FastPsp {
 public:
  explicit FastPsp(std::chrono::milliseconds delay) : delay_(delay) {}

  net::Task<http::Response> handle(http::Request request) {
    const auto begin = Steady::now();
    if (request.method == "GET" && request.path() == "/v1/held") co_return held();
    if (request.path() != "/v1/charges") co_return http::json_response(404, "{}");
    const auto body = json::parse(request.body);
    if (!body.ok() || !body->is_object()) co_return http::json_response(400, "{}");
    if (delay_.count() > 0) co_await net::sleep_for(delay_);
    http::Response response = http::json_response(201, charge(body->get_object()));
    held_us_.push_back(seconds_since(begin) * 1e6);
    co_return response;
  }

 private:
  std::string charge(const json::object& asked) {
    const bool capture = asked.at("capture").get_bool();
    json::object answer;
    answer["object"] = "charge";
    answer["id"] = "ch_" + std::to_string(++made_);
    answer["reference"] = asked.at("reference");
    answer["status"] = capture ? "captured" : "authorized";
    answer["amount"] = asked.at("amount");
    answer["currency"] = asked.at("currency");
    answer["amount_captured"] = capture ? asked.at("amount") : json::value(0);
    answer["amount_refunded"] = 0;
    return json::write(answer);
  }

  /// Of the requests since the last time somebody asked.
  http::Response held() {
    json::object answer;
    answer["count"] = static_cast<std::int64_t>(held_us_.size());
    answer["p50_us"] = static_cast<std::int64_t>(quantile(held_us_, 0.5));
    answer["p99_us"] = static_cast<std::int64_t>(quantile(held_us_, 0.99));
    held_us_.clear();
    return http::json_response(200, json::write(answer));
  }

  std::chrono::milliseconds delay_;
  std::uint64_t made_ = 0;
  std::vector<double> held_us_;
};

void write_port(const std::string& path, std::uint16_t port) {
  {
    std::ofstream file(path + ".new");
    file << port << "\n";
  }
  std::filesystem::rename(path + ".new", path);
}

int serve(char** arguments) {
  net::Runtime runtime;
  FastPsp psp(std::chrono::milliseconds(std::atoi(arguments[4])));
  net::TlsServerOptions options;
  options.certificate_chain = arguments[1];
  options.private_key = arguments[2];
  const auto server = need(
      net::listen_tls(runtime, options, [&psp](http::Request request, const net::Peer& /*peer*/) {
        return psp.handle(std::move(request));
      }));
  write_port(arguments[3], server->port());
  runtime.on_signal([&runtime](int signal) {
    if (signal != SIGHUP) runtime.stop();
  });
  runtime.run();
  return 0;
}

}  // namespace
}  // namespace florin::bench

int main(int count, char** arguments) {
  if (count != 5) florin::bench::fail("usage: fast_psp CERTIFICATE KEY PORT_FILE DELAY_MS");
  return florin::bench::serve(arguments);
}
