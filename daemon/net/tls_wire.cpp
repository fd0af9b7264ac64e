#include "daemon/net/tls_wire.h"

#include <openssl/x509v3.h>

#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <chrono>

#include "daemon/net/address_guard.h"
#include "daemon/net/certificate_facts.h"
#include "daemon/net/openssl_handles.h"
#include "daemon/net/socket_helpers.h"
#include "daemon/net/tls_settings.h"

namespace florin::net {
namespace {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;

/// What both ends have in common.
class TlsWire : public Wire {
 public:
  TlsWire(TcpSocket socket, SslPtr handle, std::shared_ptr<const void> keep,
          ssl::stream_base::handshake_type side)
      : keep_(std::move(keep)), stream_(std::move(socket), handle.release()), side_(side) {}

  SSL* native() { return stream_.native_handle(); }

  Task<Code> handshake() override {
    Code code;
    co_await stream_.async_handshake(side_, asio::redirect_error(use_task, code));
    ready_ = !code;
    co_return code;
  }

  Task<Read> read(std::span<char> into) override {
    Read result;
    const auto buffer = asio::buffer(into.data(), into.size());
    result.bytes =
        co_await stream_.async_read_some(buffer, asio::redirect_error(use_task, result.code));
    result.end = result.code == asio::error::eof;
    co_return result;
  }

  Task<Code> write(std::string_view bytes) override {
    Code code;
    const auto buffer = asio::buffer(bytes.data(), bytes.size());
    co_await asio::async_write(stream_, buffer, asio::redirect_error(use_task, code));
    co_return code;
  }

  Task<void> finish() override {
    if (ready_ && stream_.next_layer().is_open()) {
      Code code;
      co_await stream_.async_shutdown(asio::redirect_error(use_task, code));
      // Anything but the peer's own goodbye may mean that it is still sending.
      if (code && code != asio::error::eof && stream_.next_layer().is_open()) {
        co_await linger(stream_.next_layer());
      }
    } else if (!ready_ && stream_.next_layer().is_open()) {
      // The alert that says why must not be lost to a reset.
      co_await linger(stream_.next_layer());
    }
    close();
  }

  void cancel() noexcept override {
    Code ignored;
    stream_.next_layer().cancel(ignored);
  }

  void close() noexcept override {
    Code ignored;
    stream_.next_layer().close(ignored);
  }

  bool quiet() override {
    return stream_.next_layer().is_open() && SSL_pending(native()) == 0 &&
           BIO_ctrl_pending(SSL_get_rbio(native())) == 0 && socket_quiet(stream_.next_layer());
  }

 private:
  std::shared_ptr<const void> keep_;  ///< goes last
  ssl::stream<TcpSocket> stream_;
  ssl::stream_base::handshake_type side_;
  bool ready_ = false;
};

/// A server's end.
class ServerWire final : public TlsWire {
 public:
  ServerWire(TcpSocket socket, SslPtr handle, std::shared_ptr<const CurrentCertificates> current)
      : TlsWire(std::move(socket), std::move(handle), current->set, ssl::stream_base::server),
        current_(std::move(current)),
        reviewed_(current_->set) {}

  std::shared_ptr<const TlsPeer> proven() override {
    const ServerCertificates::Domain& domain = ServerCertificates::chosen(native());
    auto peer = std::make_shared<TlsPeer>();
    peer->domain = domain.files.domain;
    peer->tenant = domain.files.tenant;
    if (const X509Ptr shown(SSL_get1_peer_certificate(native())); shown) {
      peer->certificate = std::make_unique<const ClientCertificate>(client_facts(shown.get()));
    }
    return peer;
  }

  Standing standing(std::string_view host) override {
    const ServerCertificates::Domain& domain = ServerCertificates::chosen(native());
    const ServerCertificates& now = *current_->set;
    // Another set may trust others; and time alone can end a certificate or a revocation list.
    const auto time = Clock::now();
    if (reviewed_ != current_->set || (domain.trust && time - reviewed_at_ >= kReviewEvery)) {
      verdict_ = now.review(domain, native());
      reviewed_ = current_->set;
      reviewed_at_ = time;
    }
    if (verdict_ != Standing::good) return verdict_;
    const bool ours = now.domain_of(host).files.domain == domain.files.domain;
    return ours ? Standing::good : Standing::misdirected;
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::minutes kReviewEvery{1};

  std::shared_ptr<const CurrentCertificates> current_;
  std::shared_ptr<const ServerCertificates> reviewed_;
  Clock::time_point reviewed_at_ = Clock::now();
  Standing verdict_ = Standing::good;
};

class Context final : public TlsContext, public std::enable_shared_from_this<Context> {
 public:
  explicit Context(SslContextPtr context) : context_(std::move(context)) {}

  std::unique_ptr<Wire> connect(TcpSocket socket, const std::string& host) override {
    SslPtr made(SSL_new(context_.get()));
    SSL* const handle = made.get();
    bool ok = handle != nullptr && SSL_set_alpn_protos(handle, kHttp11, sizeof kHttp11) == 0;
    if (ok && parse_address(host)) {
      ok = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(handle), host.c_str()) == 1;
    } else if (ok) {
      SSL_set_hostflags(handle, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
      ok = SSL_set1_host(handle, host.c_str()) == 1 &&
           SSL_ctrl(handle, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                    const_cast<char*>(host.c_str())) == 1;
    }
    if (!ok) return nullptr;
    return std::make_unique<TlsWire>(std::move(socket), std::move(made), shared_from_this(),
                                     ssl::stream_base::client);
  }

 private:
  SslContextPtr context_;
};

}  // namespace

std::unique_ptr<Wire> accept_tls(TcpSocket socket,
                                 std::shared_ptr<const CurrentCertificates> current) {
  SslPtr handle = current->set->accept();
  if (!handle) return nullptr;
  return std::make_unique<ServerWire>(std::move(socket), std::move(handle), std::move(current));
}

Result<std::shared_ptr<TlsContext>> TlsContext::for_client(const std::filesystem::path& roots) {
  SslContextPtr context(SSL_CTX_new(TLS_client_method()));
  if (!context || !restrict_context(context.get())) return Error(Errc::tls_failed);
  ERR_clear_error();
  const int read = roots.empty() ? SSL_CTX_set_default_verify_paths(context.get())
                                 : SSL_CTX_load_verify_file(context.get(), roots.c_str());
  if (read != 1) {
    return Error(Errc::tls_failed, "", roots.string() + ": the trusted roots cannot be read",
                 openssl_reason());
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  return std::shared_ptr<TlsContext>(std::make_shared<Context>(std::move(context)));
}

}  // namespace florin::net
