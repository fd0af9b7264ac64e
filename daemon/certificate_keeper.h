#pragma once
/// Holds the certificates that the merchant port shows, exchanges them while it serves, and says in
/// time when one ends.
#include <memory>
#include <mutex>

#include "base/clock.h"
#include "base/json.h"
#include "daemon/config.h"
#include "daemon/net/certificates.h"
#include "daemon/net/runtime.h"
#include "daemon/net/server.h"
#include "daemon/net/timer.h"

namespace florin {

class CertificateKeeper {
 public:
  CertificateKeeper(const Config& config, net::Runtime& runtime, const Clock& clock);
  CertificateKeeper(const CertificateKeeper&) = delete;
  CertificateKeeper& operator=(const CertificateKeeper&) = delete;
  ~CertificateKeeper() = default;

  /// Reads the files, checks all of them and hands the set to the server; on any error what is
  /// served stays. Blocks; from any thread. Errors: `tls_failed`, `config_invalid`.
  Result<void> load();
  /// As `load`, for people: answers with items and warnings. Error: `state_conflict`, saying why
  /// everything stays as it was.
  Result<json::object> reload();
  /// The set as it is now; null before `load`. Thread-safe.
  [[nodiscard]] std::shared_ptr<const net::Certificates> current() const;
  [[nodiscard]] json::array status() const;

  /// A further one who gets later sets; null ends that for all. A server must outlive its turn.
  /// Thread-safe.
  void serve(net::TlsServer* server);
  /// Warns now and every day. On the I/O thread, as `stop`.
  void watch();
  void stop();

 private:
  void warn() const;

  const Config& config_;
  const Clock& clock_;
  net::Timer timer_;
  bool stopped_ = false;
  std::mutex load_mutex_;
  mutable std::mutex mutex_;
  std::shared_ptr<const net::Certificates> current_;
  std::vector<net::TlsServer*> servers_;
};

}  // namespace florin
