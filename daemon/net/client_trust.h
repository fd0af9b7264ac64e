#pragma once
/// Which client certificates a domain takes. Private to this room.
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "daemon/net/openssl_handles.h"

namespace florin::net {

/// Trust anchors and revocation lists of one domain. Never changes.
class ClientTrust {
 public:
  /// Every certificate of `anchors` is trusted as an authority, also an intermediate one.
  /// `revocations` may be empty: then revocation is not checked. Otherwise every certificate below
  /// the anchor needs a current list of its issuer; without one it is refused.
  /// Error: `tls_failed`, naming the file.
  static Result<std::unique_ptr<const ClientTrust>> load(const std::filesystem::path& anchors,
                                                         const std::filesystem::path& revocations);

  /// Lets handshakes of this context verify against the anchors, and names them to the client.
  [[nodiscard]] bool use_in(SSL_CTX* context) const;
  /// Sets depth, purpose, key sizes and revocation for one verification.
  void restrict(X509_VERIFY_PARAM* parameters) const;
  /// A verify callback's rules beyond OpenSSL's; returns what the callback has to.
  static int judge(int ok, X509_STORE_CTX* verification);
  /// Verifies outside a handshake. The text says why not; empty is good.
  [[nodiscard]] std::string verify(X509* certificate, STACK_OF(X509) * intermediates) const;

  /// Earliest nextUpdate of the lists; 0 = there are none.
  [[nodiscard]] UnixNanos revocations_until() const noexcept { return until_; }

 private:
  ClientTrust() = default;
  Result<void> read_anchors(const std::filesystem::path& file);
  Result<void> read_revocations(const std::filesystem::path& file);

  X509StorePtr store_{X509_STORE_new()};
  std::vector<X509Ptr> anchors_;
  UnixNanos until_ = 0;
  bool revocation_ = false;
};

}  // namespace florin::net
