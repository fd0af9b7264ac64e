#pragma once
/// A runtime on its own thread, and raw TLS ends that can misbehave.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <functional>
#include <future>
#include <string>
#include <thread>

#include "daemon/net/runtime.h"
#include "daemon/net/server.h"
#include "support/test_certificates.h"

namespace florin::net {

using test::TestCertificates;

/// Runs a Runtime on a thread; everything made on it must be destroyed before.
class RuntimeThread {
 public:
  RuntimeThread() : thread_([this] { runtime.run(); }) {}
  ~RuntimeThread() { finish(); }
  void finish() {
    if (!thread_.joinable()) return;
    runtime.stop();
    thread_.join();
  }
  /// Runs a coroutine and waits for its value.
  template <class T>
  T wait(std::function<Task<T>()> body) {
    auto promise = std::make_shared<std::promise<T>>();
    auto future = promise->get_future();
    runtime.spawn("test", [promise, body = std::move(body)] { return keep(promise, body); });
    return future.get();
  }
  /// Runs something on the I/O thread and waits for it.
  void on_thread(std::function<void()> work) {
    std::promise<void> done;
    runtime.post([&] {
      work();
      done.set_value();
    });
    done.get_future().get();
  }
  Runtime runtime;

 private:
  template <class T>
  static Task<void> keep(std::shared_ptr<std::promise<T>> promise, std::function<Task<T>()> body) {
    promise->set_value(co_await body());
  }
  std::thread thread_;
};

/// Longer than any pause of a busy machine: a test shortens the one limit that it is about.
inline ServerLimits patient_limits() {
  ServerLimits limits;
  for (auto* limit :
       {&limits.handshake, &limits.header, &limits.body, &limits.idle, &limits.write}) {
    *limit = std::chrono::minutes(1);
  }
  return limits;
}

inline sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// A socket with a generous time limit on everything, so that a failing test ends.
inline int connect_to(std::uint16_t port) {
  // OpenSSL's socket writes raise it when the server has refused the connection.
  std::signal(SIGPIPE, SIG_IGN);
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval limit{60, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  const sockaddr_in address = loopback(port);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ADD_FAILURE() << "cannot connect";
  }
  return fd;
}

/// A blocking TLS client that sends whatever it is told.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port, std::function<void(SSL_CTX*)> configure = {},
                     const std::function<void(SSL*)>& prepare = {})
      : context_(SSL_CTX_new(TLS_client_method())), fd_(connect_to(port)) {
    if (configure) configure(context_);
    ssl_ = SSL_new(context_);
    if (prepare) prepare(ssl_);
    SSL_set_fd(ssl_, fd_);
    connected = SSL_connect(ssl_) == 1;
  }
  ~RawClient() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
    ::close(fd_);
  }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void send(const std::string& bytes) {
    if (SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) <= 0) {
      ADD_FAILURE() << "cannot send";
    }
  }
  /// Reads until the text has come; what was read so far.
  std::string read_until(const std::string& text) {
    std::string all;
    char buffer[4096];
    while (all.find(text) == std::string::npos) {
      const int count = SSL_read(ssl_, buffer, sizeof buffer);
      if (count <= 0) break;
      all.append(buffer, static_cast<std::size_t>(count));
    }
    return all;
  }
  /// Reads until the server ends the connection.
  std::string read_to_end() {
    const std::string all = read_until("\x01 never \x01");
    ended_properly = SSL_get_shutdown(ssl_) == SSL_RECEIVED_SHUTDOWN;
    return all;
  }
  [[nodiscard]] SSL* handle() const { return ssl_; }
  [[nodiscard]] std::string version() const { return SSL_get_version(ssl_); }
  bool connected = false;
  bool ended_properly = false;

 private:
  SSL_CTX* context_;
  SSL* ssl_ = nullptr;
  int fd_;
};

/// A TLS server whose behaviour on each connection is a function.
class RawServer {
 public:
  RawServer(const TestCertificates& certificates, std::function<void(SSL*)> behave)
      : context_(SSL_CTX_new(TLS_server_method())),
        listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    std::signal(SIGPIPE, SIG_IGN);
    SSL_CTX_use_certificate_chain_file(context_, certificates.chain().c_str());
    SSL_CTX_use_PrivateKey_file(context_, certificates.key().c_str(), SSL_FILETYPE_PEM);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    ::listen(listener_, 16);
    port = ntohs(address.sin_port);
    thread_ = std::thread([this, behave = std::move(behave)] { serve(behave); });
  }
  ~RawServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
    SSL_CTX_free(context_);
  }
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  /// Reads one request with an empty body.
  static std::string read_request(SSL* ssl) {
    std::string all;
    char buffer[4096];
    while (all.find("\r\n\r\n") == std::string::npos) {
      const int count = SSL_read(ssl, buffer, sizeof buffer);
      if (count <= 0) break;
      all.append(buffer, static_cast<std::size_t>(count));
    }
    return all;
  }
  static void send(SSL* ssl, const std::string& bytes) {
    SSL_write(ssl, bytes.data(), static_cast<int>(bytes.size()));
  }
  /// Until the client goes away.
  static void wait_for_end(SSL* ssl) {
    char buffer[4096];
    while (SSL_read(ssl, buffer, sizeof buffer) > 0) {
    }
  }
  std::uint16_t port = 0;
  std::atomic<int> connections{0};
  std::atomic<int> handshakes{0};

 private:
  void serve(const std::function<void(SSL*)>& behave) {
    for (;;) {
      const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) return;
      const timeval limit{60, 0};
      ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
      ++connections;
      SSL* const ssl = SSL_new(context_);
      SSL_set_fd(ssl, fd);
      if (SSL_accept(ssl) == 1) {
        ++handshakes;
        behave(ssl);
        SSL_shutdown(ssl);
      }
      SSL_free(ssl);
      ::close(fd);
    }
  }
  SSL_CTX* context_;
  int listener_;
  std::thread thread_;
};

}  // namespace florin::net
