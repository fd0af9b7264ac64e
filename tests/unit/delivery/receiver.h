#pragma once
/// A merchant's endpoint: a real HTTPS server that answers as told and remembers what came.
#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

#include "daemon/net/server.h"
#include "support/test_certificates.h"

namespace florin::delivery {

class Receiver {
 public:
  explicit Receiver(net::Runtime& runtime) : runtime_(runtime) {}

  /// On the I/O thread. Port 0 takes any.
  void listen(std::uint16_t port = 0) {
    net::TlsServerOptions options;
    options.port = port;
    options.certificate_chain = certificates.chain();
    options.private_key = certificates.key();
    server_ = net::listen_tls(runtime_, options, [this](http::Request request, net::Peer) {
                return answer(std::move(request));
              }).value();
    port_ = server_->port();
  }
  void close() {
    release();
    server_.reset();
  }
  [[nodiscard]] std::string url() const {
    return "https://127.0.0.1:" + std::to_string(port_) + "/hooks?x=1";
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }

  /// The next answers; 200 when none is left. Status 0: never answers.
  void script(std::deque<http::Response> answers) {
    const std::lock_guard lock(mutex_);
    answers_ = std::move(answers);
  }
  /// Waits until `count` requests have come in all.
  std::vector<http::Request> wait(std::size_t count) {
    std::unique_lock lock(mutex_);
    arrived_.wait_for(lock, std::chrono::seconds(20), [&] { return requests_.size() >= count; });
    return requests_;
  }
  [[nodiscard]] std::size_t count() {
    const std::lock_guard lock(mutex_);
    return requests_.size();
  }
  /// Lets unanswered requests end.
  void release() {
    std::vector<std::function<void(int)>> parked;
    parked.swap(parked_);
    for (const auto& done : parked) done(0);
  }
  test::TestCertificates certificates;

 private:
  net::Task<http::Response> answer(http::Request request) {
    http::Response response;
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(std::move(request));
      if (!answers_.empty()) {
        response = answers_.front();
        answers_.pop_front();
      }
    }
    arrived_.notify_all();
    if (response.status == 0) {
      std::function<void(std::function<void(int)>)> park = [this](std::function<void(int)> done) {
        parked_.push_back(std::move(done));
      };
      co_await net::await_callback<int>(std::move(park));
      response.status = 503;
    }
    co_return response;
  }

  net::Runtime& runtime_;
  std::unique_ptr<net::Server> server_;
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<http::Response> answers_;
  std::vector<http::Request> requests_;
  std::vector<std::function<void(int)>> parked_;  // I/O thread only
};

}  // namespace florin::delivery
