// The choice of a certificate by the name that a client asks for, its reload, and sessions.
#include <gtest/gtest.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <fstream>

#include "net_fixture.h"

namespace florin::net::domains_test {
namespace {

class DomainsTest : public testing::Test {
 protected:
  DomainsTest() {
    files_.chain = plain_.chain();
    files_.key = plain_.key();
    add("pay.one.example", one_);
    add("*.two.example", two_);
    add("own.two.example", own_);
  }
  ~DomainsTest() override {
    server_.reset();
    thread_.finish();
  }

  void add(const std::string& domain, const TestCertificates& certificates) {
    files_.domains.push_back({.domain = domain,
                              .chain = certificates.chain(),
                              .key = certificates.key(),
                              .tenant = "",
                              .clients = ClientPolicy::none,
                              .client_anchors = {},
                              .client_revocations = {}});
  }

  static std::shared_ptr<const Certificates> load(const CertificateFiles& files) {
    auto loaded = Certificates::load(files);
    EXPECT_TRUE(loaded.ok()) << loaded.error().to_log();
    return loaded.ok() ? *loaded : nullptr;
  }
  static std::string fault_of(const CertificateFiles& files) {
    const auto loaded = Certificates::load(files);
    if (loaded.ok()) return "none";
    EXPECT_EQ(loaded.error().code(), Errc::tls_failed);
    return loaded.error().message();
  }

  void listen() {
    auto server = listen_tls(
        thread_.runtime,
        {.address = "127.0.0.1",
         .port = 0,
         .certificate_chain = {},
         .private_key = {},
         .certificates = load(files_),
         .limits = patient_limits()},
        [](http::Request request, const Peer& peer) { return answer(std::move(request), peer); });
    ASSERT_TRUE(server.ok()) << server.error().to_log();
    server_ = std::move(*server);
  }
  void use(std::shared_ptr<const Certificates> certificates) {
    server_->use(std::move(certificates));
    thread_.on_thread([] {});
  }

  static Task<http::Response> answer(http::Request request, Peer peer) {
    co_return http::json_response(200, request.method + " at <" + peer.tls->domain + ">");
  }

  [[nodiscard]] std::unique_ptr<RawClient> client(const std::string& name,
                                                  SSL_SESSION* session = nullptr) const {
    return std::make_unique<RawClient>(
        server_->port(), [](SSL_CTX*) {},
        [&](SSL* ssl) {
          if (!name.empty()) {
            SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                     const_cast<char*>(name.c_str()));
          }
          if (session == nullptr) return;
          SSL_set_session(ssl, session);
          SSL_set_max_proto_version(ssl, SSL_SESSION_get_protocol_version(session));
        });
  }
  /// Whose certificate is shown: the tested one covers the text.
  [[nodiscard]] bool shows(const std::string& name, const std::string& covered) const {
    const auto connection = client(name);
    EXPECT_TRUE(connection->connected) << name;
    X509* const shown = SSL_get0_peer_certificate(connection->handle());
    return shown != nullptr && X509_check_host(shown, covered.c_str(), 0, 0, nullptr) == 1;
  }
  static std::string get(const std::string& host) {
    return "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
  }
  static std::string ask(RawClient& client, const std::string& host) {
    client.send(get(host));
    return client.read_until(">");
  }

  TestCertificates plain_{"DNS:edge.invalid,IP:127.0.0.1"};
  TestCertificates one_{"DNS:pay.one.example"};
  TestCertificates two_{"DNS:*.two.example"};
  TestCertificates own_{"DNS:own.two.example"};
  CertificateFiles files_;
  RuntimeThread thread_;
  std::unique_ptr<TlsServer> server_;
};

TEST_F(DomainsTest, TheAskedNameChoosesTheCertificate) {
  listen();
  for (const char* name : {"pay.one.example", "PAY.One.EXAMPLE", "pay.one.example."}) {
    EXPECT_TRUE(shows(name, "pay.one.example")) << name;
  }
  EXPECT_TRUE(shows("any.two.example", "any.two.example"));
  EXPECT_TRUE(shows("own.two.example", "own.two.example"));
  EXPECT_FALSE(shows("own.two.example", "any.two.example"));
  for (const char* name : {"", "other.example", "two.example", "a.b.two.example", "one.example",
                           "pay.one.example.x", "127.0.0.1", "pay.one.example:443"}) {
    EXPECT_TRUE(shows(name, "edge.invalid")) << name;
  }
}

TEST_F(DomainsTest, TheHandlerLearnsTheDomain) {
  listen();
  EXPECT_NE(ask(*client("pay.one.example"), "Pay.One.Example:443").find("<pay.one.example>"),
            std::string::npos);
  EXPECT_NE(ask(*client("x.two.example"), "x.two.example").find("<*.two.example>"),
            std::string::npos);
  EXPECT_NE(ask(*client(""), "127.0.0.1").find("<>"), std::string::npos);
}

TEST_F(DomainsTest, ARequestForAnotherDomainIsMisdirected) {
  listen();
  const auto refused = [&](const std::string& name, const std::string& host) {
    const auto connection = client(name);
    connection->send(get(host));
    const std::string all = connection->read_to_end();
    EXPECT_NE(all.find("Connection: close"), std::string::npos) << all;
    return all.starts_with("HTTP/1.1 421 Misdirected Request\r\n");
  };
  EXPECT_TRUE(refused("pay.one.example", "own.two.example"));
  EXPECT_TRUE(refused("pay.one.example", "unknown.example"));
  EXPECT_TRUE(refused("pay.one.example", "127.0.0.1"));
  EXPECT_TRUE(refused("own.two.example", "any.two.example"));
  // Who asked for no name must not reach what a domain protects.
  EXPECT_TRUE(refused("", "pay.one.example"));
  EXPECT_TRUE(refused("unknown.example", "PAY.one.example.:8443"));
}

TEST_F(DomainsTest, ReloadLeavesOpenConnectionsAlone) {
  listen();
  const auto open = client("pay.one.example");
  EXPECT_NE(ask(*open, "pay.one.example").find(" 200 "), std::string::npos);
  const TestCertificates renewed("DNS:pay.one.example,DNS:renewed.example");
  CertificateFiles changed = files_;
  changed.domains[0].chain = renewed.chain();
  changed.domains[0].key = renewed.key();
  use(load(changed));
  EXPECT_NE(ask(*open, "pay.one.example").find(" 200 "), std::string::npos);
  EXPECT_TRUE(shows("pay.one.example", "renewed.example"));
}

TEST_F(DomainsTest, ADomainThatIsGoneIsNotServedOnOpenConnections) {
  listen();
  const auto open = client("pay.one.example");
  const auto other = client("own.two.example");
  EXPECT_NE(ask(*open, "pay.one.example").find(" 200 "), std::string::npos);
  EXPECT_NE(ask(*other, "own.two.example").find(" 200 "), std::string::npos);
  CertificateFiles fewer = files_;
  fewer.domains.erase(fewer.domains.begin());
  use(load(fewer));
  open->send(get("pay.one.example"));
  EXPECT_TRUE(open->read_to_end().starts_with("HTTP/1.1 421 "));
  EXPECT_NE(ask(*other, "own.two.example").find(" 200 "), std::string::npos);
  EXPECT_TRUE(shows("pay.one.example", "edge.invalid"));
}

TEST_F(DomainsTest, ADomainThatChangesItsTenantIsMisdirectedOnOpenConnections) {
  listen();
  const auto open = client("pay.one.example");
  EXPECT_NE(ask(*open, "pay.one.example").find(" 200 "), std::string::npos);
  files_.domains[0].tenant = "acme";
  use(load(files_));
  open->send(get("pay.one.example"));
  EXPECT_TRUE(open->read_to_end().starts_with("HTTP/1.1 421 "));
}

/// A session that can be resumed: tickets come with the first answer.
class SessionsTest : public DomainsTest {
 protected:
  [[nodiscard]] SSL_SESSION* session_of(const std::string& name, int version) const {
    RawClient first(
        server_->port(),
        [version](SSL_CTX* context) { SSL_CTX_set_max_proto_version(context, version); },
        [&](SSL* ssl) {
          SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                   const_cast<char*>(name.c_str()));
        });
    EXPECT_TRUE(first.connected);
    EXPECT_NE(ask(first, name).find(" 200 "), std::string::npos);
    SSL_SESSION* const session = SSL_get1_session(first.handle());
    EXPECT_EQ(SSL_SESSION_is_resumable(session), 1);
    // OpenSSL does not resume a session whose connection ended without a goodbye.
    SSL_shutdown(first.handle());
    return session;
  }
  [[nodiscard]] bool resumed(const std::string& name, SSL_SESSION* session) const {
    const auto again = client(name, session);
    EXPECT_TRUE(again->connected);
    EXPECT_NE(ask(*again, name).find(" 200 "), std::string::npos);
    return SSL_session_reused(again->handle()) == 1;
  }
};

TEST_F(SessionsTest, AreResumedAtTheSameDomainOnly) {
  listen();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    SSL_SESSION* const session = session_of("pay.one.example", version);
    EXPECT_TRUE(resumed("pay.one.example", session)) << version;
    SSL_SESSION_free(session);
    SSL_SESSION* const other = session_of("pay.one.example", version);
    EXPECT_FALSE(resumed("own.two.example", other)) << version;
    EXPECT_FALSE(resumed("unknown.example", other)) << version;
    SSL_SESSION_free(other);
  }
}

TEST_F(SessionsTest, DoNotOutliveAReload) {
  listen();
  SSL_SESSION* const session = session_of("pay.one.example", TLS1_3_VERSION);
  use(load(files_));
  EXPECT_FALSE(resumed("pay.one.example", session));
  SSL_SESSION_free(session);
}

TEST_F(DomainsTest, ASetIsLoadedWholeOrNotAtAll) {
  EXPECT_EQ(fault_of(files_), "none");
  const auto with = [&](auto change) {
    CertificateFiles changed = files_;
    change(changed);
    return fault_of(changed);
  };
  const auto has = [](const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
  };
  EXPECT_TRUE(has(with([&](auto& set) { set.domains[0].key = two_.key(); }),
                  "the private key does not belong to the certificate"));
  EXPECT_TRUE(has(with([&](auto& set) { set.domains[0].domain = "pay.other.example"; }),
                  "the certificate is not for pay.other.example"));
  EXPECT_TRUE(has(with([&](auto& set) { set.domains[0].domain = "*.one.example"; }),
                  "the certificate is not for *.one.example"));
  EXPECT_TRUE(has(with([&](auto& set) { set.domains.push_back(set.domains[0]); }),
                  "two folders for this domain"));
  EXPECT_TRUE(has(with([&](auto& set) { set.domains[0].domain = "Pay.One.Example"; }),
                  "is not a domain's name"));
  EXPECT_TRUE(has(with([&](auto& set) { set.domains[0].chain = "/nowhere/chain.pem"; }),
                  "/nowhere/chain.pem"));
  EXPECT_TRUE(has(with([&](auto& set) {
                    set.chain = two_.chain();
                    set.key = two_.key();
                  }),
                  "the default certificate names the domain *.two.example"));
  ::chmod(one_.key().c_str(), 0640);
  EXPECT_TRUE(has(fault_of(files_), "readable by its owner only"));
  ::chmod(one_.key().c_str(), 0400);
  EXPECT_EQ(fault_of(files_), "none");
  std::ofstream(one_.chain()) << "no certificate\n";
  EXPECT_TRUE(has(fault_of(files_), "the certificate chain cannot be used"));
}

TEST_F(DomainsTest, AnchorsMustBeAuthorities) {
  files_.domains[0].clients = ClientPolicy::required;
  files_.domains[0].client_anchors = one_.chain();
  EXPECT_NE(fault_of(files_).find("no certificate authority's"), std::string::npos);
  files_.domains[0].client_anchors = one_.key();
  EXPECT_NE(fault_of(files_).find("expected certificates as PEM"), std::string::npos);
  files_.domains[0].client_anchors = one_.roots();
  EXPECT_EQ(fault_of(files_), "none");
  files_.domains[0].client_revocations = one_.roots();
  EXPECT_NE(fault_of(files_).find("expected revocation lists as PEM"), std::string::npos);
}

TEST_F(DomainsTest, StatusTellsNamesAndTimes) {
  const auto set = load(files_);
  const auto& status = set->status();
  ASSERT_EQ(status.size(), 4U);
  EXPECT_EQ(status[0].domain, "");
  EXPECT_EQ(status[0].names, (std::vector<std::string>{"edge.invalid", "127.0.0.1"}));
  EXPECT_EQ(status[1].domain, "pay.one.example");
  // Made a moment ago, for an hour.
  const UnixNanos now = SystemClock().now();
  EXPECT_GT(status[1].not_after, now);
  EXPECT_LE(status[1].not_after, now + 3600 * kNanosPerSecond);
  EXPECT_LT(status[1].not_before, now);
}

TEST(ClientCertificateText, IsReadOrRefusedWithTheReason) {
  EXPECT_EQ(read_client_certificate("no").error().code(), Errc::malformed_value);
  const TestCertificates server("DNS:shop.example");
  std::ifstream in(server.chain());
  const std::string pem((std::istreambuf_iterator<char>(in)), {});
  const auto refused = read_client_certificate(pem);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message().find("clientAuth"), std::string::npos);
}

}  // namespace
}  // namespace florin::net::domains_test
