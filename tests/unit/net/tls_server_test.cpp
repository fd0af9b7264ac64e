#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <stdexcept>

#include "daemon/net/server.h"
#include "net_fixture.h"

namespace florin::net::tls_server_test {
namespace {

using namespace std::chrono_literals;

class TlsServerTest : public testing::Test {
 protected:
  ~TlsServerTest() override {
    if (release_) release_(true);
    server_.reset();
    thread_.finish();
  }

  void listen(const ServerLimits& limits = patient_limits()) {
    TlsServerOptions options;
    options.certificate_chain = certificates_.chain();
    options.private_key = certificates_.key();
    options.limits = limits;
    auto server = listen_tls(thread_.runtime, options, [this](http::Request request, Peer peer) {
      return handle(this, std::move(request), std::move(peer));
    });
    ASSERT_TRUE(server.ok()) << server.error().to_log();
    server_ = std::move(*server);
    port_ = server_->port();
  }

  static Task<http::Response> handle(TlsServerTest* self, http::Request request, Peer peer) {
    ++self->requests_;
    if (request.path() == "/throw") throw std::runtime_error("secret reason");
    if (request.path() == "/wait") {
      std::function<void(std::function<void(bool)>)> start =
          [self](std::function<void(bool)> done) {
            self->release_ = std::move(done);
            self->waiting_.set_value();
          };
      co_await await_callback<bool>(std::move(start));
      self->release_ = nullptr;
    }
    if (request.path() == "/big") co_return http::json_response(200, std::string(8 << 20, 'x'));
    co_return http::json_response(
        200, request.method + " " + request.target + " " + request.body + " " + peer.address);
  }

  static std::string get(const std::string& target) {
    return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  }

  TestCertificates certificates_;
  RuntimeThread thread_;
  std::unique_ptr<Server> server_;
  std::uint16_t port_ = 0;
  std::atomic<int> requests_{0};
  std::promise<void> waiting_;
  std::function<void(bool)> release_;
};

TEST_F(TlsServerTest, TwoRequestsOnOneConnection) {
  listen();
  RawClient client(port_);
  ASSERT_TRUE(client.connected);
  EXPECT_EQ(client.version(), "TLSv1.3");
  client.send(get("/a?b"));
  const std::string first = client.read_until("127.0.0.1");
  EXPECT_TRUE(first.starts_with("HTTP/1.1 200 OK\r\n")) << first;
  EXPECT_NE(first.find("\r\n\r\nGET /a?b  127.0.0.1"), std::string::npos);
  EXPECT_NE(first.find("Date: "), std::string::npos);
  EXPECT_EQ(first.find("Server:"), std::string::npos);
  EXPECT_EQ(first.find("Connection:"), std::string::npos);
  client.send("POST /c HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
  const std::string second = client.read_to_end();
  EXPECT_NE(second.find("POST /c hi 127.0.0.1"), std::string::npos);
  EXPECT_NE(second.find("Connection: close\r\n"), std::string::npos);
  EXPECT_TRUE(client.ended_properly);
}

TEST_F(TlsServerTest, PipelinedRequestsAreAnsweredInOrder) {
  listen();
  RawClient client(port_);
  client.send(get("/1") + get("/2") + "HEAD /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const std::string all = client.read_to_end();
  EXPECT_LT(all.find("GET /1"), all.find("GET /2"));
  EXPECT_EQ(all.find("HEAD /3"), std::string::npos);
  EXPECT_TRUE(all.ends_with("\r\n\r\n"));
  EXPECT_EQ(requests_, 3);
}

TEST_F(TlsServerTest, NothingRunsBehindAnError) {
  listen();
  RawClient client(port_);
  client.send("get / HTTP/1.1\r\nHost: a\r\n\r\n" + get("/evil"));
  const std::string all = client.read_to_end();
  EXPECT_TRUE(all.starts_with("HTTP/1.1 400 Bad Request\r\n")) << all;
  EXPECT_NE(all.find("application/problem+json"), std::string::npos);
  EXPECT_EQ(all.find("HTTP/1.1", 5), std::string::npos);
  EXPECT_EQ(requests_, 0);
}

TEST_F(TlsServerTest, OversizedBodyIsRefusedBeforeItIsRead) {
  listen();
  RawClient client(port_);
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" +
              std::string(8000, 'x'));
  EXPECT_TRUE(client.read_to_end().starts_with("HTTP/1.1 413 "));
  EXPECT_EQ(requests_, 0);
}

TEST_F(TlsServerTest, ChunkedBodyIsRefusedAtTheLimit) {
  ServerLimits limits = patient_limits();
  limits.body_bytes = 10;
  listen(limits);
  RawClient client(port_);
  client.send(
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "A\r\n0123456789\r\n1\r\n");
  EXPECT_TRUE(client.read_to_end().starts_with("HTTP/1.1 413 "));
}

TEST_F(TlsServerTest, SlowHeaderIsCut) {
  ServerLimits limits = patient_limits();
  // The first bytes must come within it, on a busy machine too.
  limits.header = 2s;
  listen(limits);
  RawClient client(port_);
  client.send("GET / HT");
  EXPECT_TRUE(client.read_to_end().starts_with("HTTP/1.1 408 "));
}

TEST_F(TlsServerTest, SlowBodyGets408) {
  ServerLimits limits = patient_limits();
  limits.body = 200ms;
  listen(limits);
  RawClient client(port_);
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nx");
  const std::string answer = client.read_to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 408 Request Timeout\r\n")) << answer;
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  EXPECT_EQ(requests_, 0);
}

TEST_F(TlsServerTest, IdleConnectionsEndWithoutAWord) {
  ServerLimits limits = patient_limits();
  limits.idle = 200ms;
  limits.header = 2s;
  listen(limits);
  RawClient silent(port_);
  EXPECT_EQ(silent.read_to_end(), "");
  RawClient kept(port_);
  kept.send(get("/"));
  EXPECT_NE(kept.read_until("127.0.0.1"), "");
  EXPECT_EQ(kept.read_to_end(), "");
}

TEST_F(TlsServerTest, StalledHandshakeIsCut) {
  ServerLimits limits = patient_limits();
  limits.handshake = 200ms;
  listen(limits);
  const int fd = connect_to(port_);
  char byte = 0;
  EXPECT_EQ(::recv(fd, &byte, 1, 0), 0);
  ::close(fd);
}

TEST_F(TlsServerTest, SlowReaderIsCut) {
  ServerLimits limits = patient_limits();
  limits.write = 200ms;
  listen(limits);
  RawClient client(port_);
  client.send(get("/big"));
  EXPECT_NE(client.read_until("200 OK"), "");
  std::promise<void> drained;
  server_->drain(1h, [&] { drained.set_value(); });
  // Nobody reads on: only the write limit can end the connection.
  EXPECT_EQ(drained.get_future().wait_for(60s), std::future_status::ready);
}

TEST_F(TlsServerTest, NewestConnectionIsRefusedAtTheCap) {
  ServerLimits limits = patient_limits();
  limits.connections = 1;
  listen(limits);
  auto first = std::make_unique<RawClient>(port_);
  first->send(get("/"));
  first->read_until("127.0.0.1");
  EXPECT_FALSE(RawClient(port_).connected);
  first->send(get("/"));
  EXPECT_NE(first->read_until("127.0.0.1"), "");
}

TEST_F(TlsServerTest, PeerIsTheSocketsWhateverTheRequestSays) {
  listen();
  RawClient client(port_);
  client.send(
      "GET /who HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.7\r\nX-Real-IP: 203.0.113.7\r\n"
      "Forwarded: for=203.0.113.7\r\nX-Forwarded-Host: b\r\nConnection: close\r\n\r\n");
  const std::string answer = client.read_to_end();
  EXPECT_TRUE(answer.ends_with("\r\n\r\nGET /who  127.0.0.1")) << answer;
}

TEST_F(TlsServerTest, ChunkedRequestInSingleBytes) {
  listen();
  RawClient client(port_);
  client.send("POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (const char c : std::string("1\r\na\r\n0\r\n\r\n")) client.send(std::string(1, c));
  EXPECT_NE(client.read_until("127.0.0.1").find("POST /p a 127.0.0.1"), std::string::npos);
}

TEST_F(TlsServerTest, OldAndWeakTlsIsRefused) {
  listen();
  EXPECT_FALSE(RawClient(port_, [](SSL_CTX* context) {
                 SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0");
                 SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
                 SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);
               }).connected);
  const auto with_suite = [&](const char* suite) {
    return RawClient(port_,
                     [suite](SSL_CTX* context) {
                       SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
                       SSL_CTX_set_cipher_list(context, suite);
                     })
        .connected;
  };
  EXPECT_TRUE(with_suite("ECDHE-ECDSA-AES128-GCM-SHA256"));
  EXPECT_FALSE(with_suite("ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0"));
  EXPECT_FALSE(with_suite("ECDHE-ECDSA-AES256-SHA384"));
  EXPECT_FALSE(with_suite("aNULL:@SECLEVEL=0"));
}

TEST_F(TlsServerTest, OnlyHttp11IsNegotiated) {
  listen();
  const auto with_protocols = [&](const std::string& protocols) {
    return RawClient(port_,
                     [&](SSL_CTX* context) {
                       SSL_CTX_set_alpn_protos(
                           context, reinterpret_cast<const unsigned char*>(protocols.data()),
                           static_cast<unsigned>(protocols.size()));
                     })
        .connected;
  };
  EXPECT_TRUE(with_protocols("\x02h2\x08http/1.1"));
  EXPECT_FALSE(with_protocols("\x02h2"));
}

TEST_F(TlsServerTest, PlainHttpIsClosedWithoutAnAnswer) {
  listen();
  const int fd = connect_to(port_);
  const std::string request = get("/");
  ASSERT_GT(::send(fd, request.data(), request.size(), MSG_NOSIGNAL), 0);
  std::string all;
  char buffer[1024];
  for (ssize_t count = 0; (count = ::recv(fd, buffer, sizeof buffer, 0)) > 0;) {
    all.append(buffer, static_cast<std::size_t>(count));
  }
  EXPECT_EQ(all.find("HTTP"), std::string::npos);
  EXPECT_EQ(requests_, 0);
  ::close(fd);
}

TEST_F(TlsServerTest, ExceptionsBecomeAGenericProblem) {
  testing::internal::CaptureStderr();
  listen();
  RawClient client(port_);
  client.send(get("/throw"));
  const std::string answer = client.read_until("internal\"");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 500 ")) << answer;
  EXPECT_EQ(answer.find("secret reason"), std::string::npos);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("secret reason"), std::string::npos);
}

TEST_F(TlsServerTest, DrainFinishesWhatIsInHand) {
  listen();
  RawClient idle(port_);
  idle.send(get("/"));
  idle.read_until("127.0.0.1");
  RawClient busy(port_);
  busy.send(get("/wait"));
  waiting_.get_future().wait();
  std::promise<void> drained;
  server_->drain(1h, [&] { drained.set_value(); });
  EXPECT_EQ(idle.read_to_end(), "");
  EXPECT_TRUE(idle.ended_properly);
  auto done = drained.get_future();
  EXPECT_EQ(done.wait_for(0s), std::future_status::timeout);
  thread_.on_thread([&] { release_(true); });
  const std::string answer = busy.read_to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer;
  EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos);
  EXPECT_EQ(done.wait_for(60s), std::future_status::ready);
}

TEST_F(TlsServerTest, DrainCutsAtItsLimit) {
  testing::internal::CaptureStderr();
  listen();
  RawClient busy(port_);
  busy.send(get("/wait"));
  waiting_.get_future().wait();
  std::promise<void> drained;
  server_->drain(100ms, [&] { drained.set_value(); });
  EXPECT_EQ(drained.get_future().wait_for(60s), std::future_status::ready);
  EXPECT_EQ(busy.read_to_end(), "");
  EXPECT_NE(testing::internal::GetCapturedStderr().find("net.drain_cut"), std::string::npos);
}

TEST_F(TlsServerTest, DrainWithoutConnectionsIsImmediate) {
  listen();
  std::promise<void> drained;
  server_->drain(1h, [&] { drained.set_value(); });
  EXPECT_EQ(drained.get_future().wait_for(60s), std::future_status::ready);
}

TEST_F(TlsServerTest, RefusesBadFilesAndAddresses) {
  listen();
  const auto handler = [](http::Request, Peer) -> Task<http::Response> {
    co_return http::Response();
  };
  TlsServerOptions options;
  options.certificate_chain = certificates_.chain();
  options.private_key = certificates_.key();
  options.port = port_;
  const auto message = [&] {
    const auto server = listen_tls(thread_.runtime, options, handler);
    return server.ok() ? std::string() : server.error().message();
  };
  EXPECT_NE(message().find("127.0.0.1:" + std::to_string(port_)), std::string::npos);
  options.port = 0;
  ::chmod(certificates_.key().c_str(), 0640);
  EXPECT_NE(message().find("mode 0600"), std::string::npos);
  ::chmod(certificates_.key().c_str(), 0600);
  const TestCertificates other;
  options.certificate_chain = other.chain();
  EXPECT_NE(message().find(certificates_.key().string()), std::string::npos);
  options.certificate_chain = "/nonexistent/chain.pem";
  EXPECT_NE(message().find("/nonexistent/chain.pem"), std::string::npos);
}

/// What an independent client sees.
std::string run(const std::string& command) {
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  std::string out;
  char buffer[1024];
  while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) out += buffer;
  EXPECT_EQ(::pclose(pipe), 0) << command;
  return out;
}

TEST_F(TlsServerTest, CurlAgrees) {
  listen();
  const std::string curl = "curl -sS -m 60 -w '|%{http_code}' --cacert " +
                           certificates_.roots().string() +
                           " https://localhost:" + std::to_string(port_);
  EXPECT_EQ(run(curl + "/a?b=c"), "GET /a?b=c  127.0.0.1|200");
  EXPECT_EQ(run(curl + "/p -H 'Content-Type: application/json' -d '{\"a\":1}'"),
            "POST /p {\"a\":1} 127.0.0.1|200");
  EXPECT_EQ(run(curl + "/p -H 'Transfer-Encoding: chunked' -d hello"),
            "POST /p hello 127.0.0.1|200");
}

}  // namespace
}  // namespace florin::net::tls_server_test
