#include "daemon/net/tls_wire.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include "daemon/net/address_guard.h"
#include "daemon/net/socket_helpers.h"

namespace florin::net {
namespace {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;

constexpr const char* kSuites12 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* kSuites13 =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr unsigned char kProtocol[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

class TlsWire final : public Wire {
 public:
  TlsWire(TcpSocket socket, ssl::context& context, std::shared_ptr<void> keep, bool server)
      : keep_(std::move(keep)),
        stream_(std::move(socket), context),
        side_(server ? ssl::stream_base::server : ssl::stream_base::client) {}

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
  std::shared_ptr<void> keep_;
  ssl::stream<TcpSocket> stream_;
  ssl::stream_base::handshake_type side_;
  bool ready_ = false;
};

int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_length,
                    const unsigned char* in, unsigned int in_length, void*) {
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_length, kProtocol, sizeof kProtocol, in, in_length) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

/// Never ask a terminal for a passphrase.
int no_passphrase(char*, int, int, void*) {
  return 0;
}

class Context final : public TlsContext, public std::enable_shared_from_this<Context> {
 public:
  explicit Context(ssl::context::method method) : context_(method) {}

  SSL_CTX* native() { return context_.native_handle(); }
  ssl::context& get() { return context_; }

  bool restrict() {
    SSL_CTX_set_options(native(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                      SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(native(), SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_default_passwd_cb(native(), no_passphrase);
    return SSL_CTX_set_min_proto_version(native(), TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(native(), kSuites12) == 1 &&
           SSL_CTX_set_ciphersuites(native(), kSuites13) == 1 &&
           SSL_CTX_set1_groups_list(native(), "X25519:P-256:P-384") == 1;
  }

  std::unique_ptr<Wire> accept(TcpSocket socket) override {
    return std::make_unique<TlsWire>(std::move(socket), context_, shared_from_this(), true);
  }

  std::unique_ptr<Wire> connect(TcpSocket socket, const std::string& host) override {
    auto wire = std::make_unique<TlsWire>(std::move(socket), context_, shared_from_this(), false);
    SSL* const handle = wire->native();
    bool ok = SSL_set_alpn_protos(handle, kProtocol, sizeof kProtocol) == 0;
    if (parse_address(host)) {
      ok = ok && X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(handle), host.c_str()) == 1;
    } else {
      SSL_set_hostflags(handle, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
      ok = ok && SSL_set1_host(handle, host.c_str()) == 1 &&
           SSL_ctrl(handle, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                    const_cast<char*>(host.c_str())) == 1;
    }
    if (!ok) return nullptr;
    return wire;
  }

 private:
  ssl::context context_;
};

Error tls_error(const std::filesystem::path& file, const std::string& what, const Code& code) {
  return Error(Errc::tls_failed, "", file.string() + ": " + what, code.message());
}

}  // namespace

Result<std::shared_ptr<TlsContext>> TlsContext::for_server(const std::filesystem::path& chain,
                                                           const std::filesystem::path& key) {
  auto context = std::make_shared<Context>(ssl::context::tls_server);
  if (!context->restrict()) return Error(Errc::tls_failed);
  struct stat status{};
  if (::stat(key.c_str(), &status) != 0) {
    return Error(Errc::tls_failed, "", key.string() + ": the private key cannot be read");
  }
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return Error(Errc::tls_failed, "",
                 key.string() + ": the private key may be readable by its owner only (mode 0600)");
  }
  Code code;
  context->get().use_certificate_chain_file(chain.string(), code);
  if (code) return tls_error(chain, "the certificate chain cannot be used", code);
  context->get().use_private_key_file(key.string(), ssl::context::pem, code);
  if (code) return tls_error(key, "the private key cannot be used", code);
  if (SSL_CTX_check_private_key(context->native()) != 1) {
    return tls_error(key, "the private key does not belong to the certificate", code);
  }
  SSL_CTX_set_alpn_select_cb(context->native(), choose_protocol, nullptr);
  constexpr unsigned char kSessions[] = {'h', 't', 't', 'p'};
  SSL_CTX_set_session_id_context(context->native(), kSessions, sizeof kSessions);
  return std::shared_ptr<TlsContext>(std::move(context));
}

Result<std::shared_ptr<TlsContext>> TlsContext::for_client(const std::filesystem::path& roots) {
  auto context = std::make_shared<Context>(ssl::context::tls_client);
  if (!context->restrict()) return Error(Errc::tls_failed);
  Code code;
  if (roots.empty()) {
    context->get().set_default_verify_paths(code);
  } else {
    context->get().load_verify_file(roots.string(), code);
  }
  if (code) return tls_error(roots, "the trusted roots cannot be read", code);
  SSL_CTX_set_verify(context->native(), SSL_VERIFY_PEER, nullptr);
  return std::shared_ptr<TlsContext>(std::move(context));
}

}  // namespace florin::net
