#include "daemon/net/client.h"

#include <gtest/gtest.h>

#include "daemon/net/server.h"
#include "net_fixture.h"

namespace florin::net::client_test {
namespace {

using namespace std::chrono_literals;

class ClientTest : public testing::Test {
 protected:
  ~ClientTest() override {
    client_.reset();
    thread_.finish();
  }
  ClientOptions options() const {
    ClientOptions options;
    options.trusted_roots = certificates_.roots();
    options.public_addresses_only = false;
    // As in patient_limits.
    options.deadlines = {.resolve = 1min, .connect = 1min, .handshake = 1min, .total = 5min};
    return options;
  }
  void use(const ClientOptions& options) {
    auto client = make_client(thread_.runtime, options);
    ASSERT_TRUE(client.ok()) << client.error().to_log();
    client_ = std::move(*client);
  }
  Exchange get(std::uint16_t port, const std::string& host = "localhost",
               const std::string& method = "GET") {
    if (!client_) use(options());
    Url url;
    url.host = host;
    url.port = port;
    http::Request request{method, "/x", {}, {}};
    return thread_.wait<Exchange>([&] { return client_->send(url, request); });
  }
  static std::string ok(const std::string& body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  static void expect_error(const Exchange& exchange, Errc code, bool may_have_left) {
    ASSERT_TRUE(exchange.error.has_value());
    EXPECT_FALSE(exchange.response.has_value());
    EXPECT_EQ(errc_name(exchange.error->code()), errc_name(code)) << exchange.error->to_log();
    EXPECT_EQ(exchange.request_may_have_left, may_have_left) << exchange.error->to_log();
  }

  TestCertificates certificates_;
  RuntimeThread thread_;
  std::unique_ptr<Client> client_;
};

TEST_F(ClientTest, KeepsConnectionsAlive) {
  std::string seen;
  RawServer server(certificates_, [&](SSL* ssl) {
    for (int i = 0; i < 2; ++i) {
      seen = RawServer::read_request(ssl);
      RawServer::send(ssl, ok("hello"));
    }
    RawServer::wait_for_end(ssl);
  });
  for (int i = 0; i < 2; ++i) {
    const Exchange exchange = get(server.port);
    ASSERT_TRUE(exchange.response.has_value()) << exchange.error->to_log();
    EXPECT_EQ(exchange.response->status, 200);
    EXPECT_EQ(exchange.response->body, "hello");
    EXPECT_TRUE(exchange.request_may_have_left);
  }
  EXPECT_EQ(server.connections, 1);
  EXPECT_EQ(seen, "GET /x HTTP/1.1\r\nHost: localhost:" + std::to_string(server.port) + "\r\n\r\n");
  thread_.on_thread([&] { client_.reset(); });
}

TEST_F(ClientTest, ReplacesAConnectionThatWasClosedMeanwhile) {
  RawServer server(certificates_, [&](SSL* ssl) {
    RawServer::read_request(ssl);
    RawServer::send(ssl, ok("hello"));
  });
  for (int i = 0; i < 3; ++i) {
    const Exchange exchange = get(server.port);
    ASSERT_TRUE(exchange.response.has_value()) << exchange.error->to_log();
    // The server takes one connection after the other: once it talks to this one, the one before is
    // closed.
    RawClient barrier(server.port);
    barrier.send("GET / HTTP/1.1\r\n\r\n");
    barrier.read_to_end();
  }
  EXPECT_EQ(server.connections, 6);
}

TEST_F(ClientTest, BodyUntilTheEndOfTheConnection) {
  RawServer server(certificates_, [&](SSL* ssl) {
    RawServer::read_request(ssl);
    RawServer::send(ssl, "HTTP/1.1 200 OK\r\n\r\nto the end");
  });
  const Exchange exchange = get(server.port);
  ASSERT_TRUE(exchange.response.has_value()) << exchange.error->to_log();
  EXPECT_EQ(exchange.response->body, "to the end");
}

TEST_F(ClientTest, UntrustedCertificate) {
  RawServer server(certificates_, [](SSL*) {});
  const TestCertificates other;
  ClientOptions wrong = options();
  wrong.trusted_roots = other.roots();
  use(wrong);
  expect_error(get(server.port), Errc::tls_failed, false);
  client_.reset();
  wrong.trusted_roots.clear();
  use(wrong);
  expect_error(get(server.port), Errc::tls_failed, false);
}

TEST_F(ClientTest, CertificateForAnotherNameOrExpired) {
  const TestCertificates elsewhere("DNS:elsewhere.test");
  ClientOptions trusting = options();
  trusting.trusted_roots = elsewhere.roots();
  use(trusting);
  RawServer server(elsewhere, [](SSL*) {});
  expect_error(get(server.port), Errc::tls_failed, false);
  expect_error(get(server.port, "127.0.0.1"), Errc::tls_failed, false);
  const TestCertificates expired("DNS:localhost", -60);
  trusting.trusted_roots = expired.roots();
  use(trusting);
  RawServer old(expired, [](SSL*) {});
  expect_error(get(old.port), Errc::tls_failed, false);
}

TEST_F(ClientTest, AddressLiteralIsVerifiedAgainstTheCertificate) {
  RawServer server(certificates_, [](SSL* ssl) {
    RawServer::read_request(ssl);
    RawServer::send(ssl, ok("hello"));
  });
  EXPECT_TRUE(get(server.port, "127.0.0.1").response.has_value());
}

TEST_F(ClientTest, ConnectionRefused) {
  std::uint16_t port = 0;
  {
    const RawServer gone(certificates_, [](SSL*) {});
    port = gone.port;
  }
  expect_error(get(port), Errc::connection_failed, false);
}

TEST_F(ClientTest, ServerClosesAfterReading) {
  RawServer server(certificates_, [](SSL* ssl) { RawServer::read_request(ssl); });
  expect_error(get(server.port), Errc::connection_failed, true);
  // Sent once, not again.
  EXPECT_EQ(server.handshakes, 1);
}

TEST_F(ClientTest, ServerClosesWithoutReading) {
  RawServer server(certificates_, [](SSL*) {});
  expect_error(get(server.port), Errc::connection_failed, true);
  EXPECT_EQ(server.handshakes, 1);
}

TEST_F(ClientTest, ServerDiesOnAKeptConnectionAfterReading) {
  RawServer server(certificates_, [](SSL* ssl) {
    RawServer::read_request(ssl);
    RawServer::send(ssl, ok("hello"));
    RawServer::read_request(ssl);
  });
  EXPECT_TRUE(get(server.port).response.has_value());
  expect_error(get(server.port), Errc::connection_failed, true);
  EXPECT_EQ(server.handshakes, 1);
}

TEST_F(ClientTest, StalledServer) {
  ClientOptions hasty = options();
  hasty.deadlines.total = 3s;  // enough to get as far as sending
  use(hasty);
  RawServer server(certificates_, [](SSL* ssl) { RawServer::wait_for_end(ssl); });
  expect_error(get(server.port), Errc::timed_out, true);
}

TEST_F(ClientTest, EndlessDribble) {
  ClientOptions hasty = options();
  hasty.deadlines.total = 3s;  // enough to get as far as sending
  use(hasty);
  RawServer server(certificates_, [](SSL* ssl) {
    RawServer::read_request(ssl);
    RawServer::send(ssl, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx");
    RawServer::wait_for_end(ssl);
  });
  expect_error(get(server.port), Errc::timed_out, true);
}

TEST_F(ClientTest, StalledHandshake) {
  ClientOptions hasty = options();
  hasty.deadlines.handshake = 200ms;
  use(hasty);
  // Listens, so the connection is made, but never accepts.
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener, 4), 0);
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  expect_error(get(ntohs(address.sin_port)), Errc::timed_out, false);
  ::close(listener);
}

TEST_F(ClientTest, PrivateAddressesAreNotDialled) {
  ClientOptions guarded = options();
  guarded.public_addresses_only = true;
  use(guarded);
  RawServer server(certificates_, [](SSL*) {});
  for (const char* host : {"localhost", "127.0.0.1", "::1", "10.0.0.1", "169.254.169.254"}) {
    expect_error(get(server.port, host), Errc::permission_denied, false);
  }
  EXPECT_EQ(server.connections, 0);
}

TEST_F(ClientTest, OversizedAndBrokenAnswers) {
  ClientOptions small = options();
  small.response_bytes = 100;
  use(small);
  const auto answer_with = [&](const std::string& bytes) {
    RawServer server(certificates_, [&](SSL* ssl) {
      RawServer::read_request(ssl);
      RawServer::send(ssl, bytes);
    });
    return get(server.port);
  };
  EXPECT_TRUE(answer_with(ok(std::string(100, 'x'))).response.has_value());
  expect_error(answer_with(ok(std::string(101, 'x'))), Errc::connector_answer_invalid, true);
  expect_error(answer_with("HTTP/1.1 200 OK\r\n\r\n" + std::string(200, 'x')),
               Errc::connector_answer_invalid, true);
  expect_error(answer_with("not http\r\n\r\n"), Errc::connector_answer_invalid, true);
  expect_error(answer_with(ok("a") + "extra"), Errc::connector_answer_invalid, true);
  expect_error(answer_with("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"),
               Errc::connection_failed, true);
}

TEST_F(ClientTest, RedirectsAreNotFollowed) {
  RawServer server(certificates_, [](SSL* ssl) {
    RawServer::read_request(ssl);
    RawServer::send(ssl,
                    "HTTP/1.1 307 Temporary Redirect\r\nLocation: https://127.0.0.1/\r\n"
                    "Content-Length: 0\r\nConnection: close\r\n\r\n");
  });
  const Exchange exchange = get(server.port);
  ASSERT_TRUE(exchange.response.has_value());
  EXPECT_EQ(exchange.response->status, 307);
  EXPECT_EQ(server.connections, 1);
}

TEST_F(ClientTest, RequestsThatCannotBeSentStayHere) {
  expect_error(get(443, "localhost", "GE T"), Errc::malformed_value, false);
  expect_error(get(443, "a\r\nb"), Errc::malformed_value, false);
  expect_error(get(443, "no-such-host.invalid"), Errc::connection_failed, false);
}

TEST_F(ClientTest, UnreadableRoots) {
  ClientOptions wrong = options();
  wrong.trusted_roots = "/nonexistent/roots.pem";
  auto client = make_client(thread_.runtime, wrong);
  ASSERT_FALSE(client.ok());
  EXPECT_EQ(client.error().code(), Errc::tls_failed);
}

TEST_F(ClientTest, OwnServerOwnClient) {
  TlsServerOptions server_options;
  server_options.limits = patient_limits();
  server_options.certificate_chain = certificates_.chain();
  server_options.private_key = certificates_.key();
  auto server = listen_tls(thread_.runtime, server_options,
                           [](http::Request request, Peer) -> Task<http::Response> {
                             co_return http::json_response(200, std::move(request.body));
                           });
  ASSERT_TRUE(server.ok());
  use(options());
  Url url;
  url.host = "localhost";
  url.port = (*server)->port();
  for (const std::size_t size : {0UL, 1UL, 60'000UL}) {
    http::Request request{"POST", "/echo", {}, std::string(size, 'b')};
    const Exchange exchange = thread_.wait<Exchange>([&] { return client_->send(url, request); });
    ASSERT_TRUE(exchange.response.has_value()) << exchange.error->to_log();
    EXPECT_EQ(exchange.response->body.size(), size);
  }
  thread_.on_thread([&] {
    client_.reset();
    server->reset();
  });
}

}  // namespace
}  // namespace florin::net::client_test
