#pragma once
/// ECDSA P-256 with SHA-256: the port for signing (the key lives in the HSM) and verification.
#include <functional>
#include <string>

#include "base/bytes.h"

namespace florin {

/// Signs with a key that never leaves its module. Implemented by hsm, used by the ledger's
/// checkpoints.
class Signer {
 public:
  virtual ~Signer() = default;
  /// DER SubjectPublicKeyInfo of the signing key.
  [[nodiscard]] virtual Bytes public_key_der() const = 0;
  /// DER ECDSA signature over SHA-256 of `message`. Blocks at most for the module's deadline.
  /// Errors: `hsm_unavailable`, `hsm_failure`, `timed_out`. Thread-safe.
  virtual Result<Bytes> sign(BytesView message) = 0;
};

/// Error: `signature_invalid`. `public_key_der` is a SubjectPublicKeyInfo on P-256.
Result<void> verify_ecdsa_p256(BytesView public_key_der, BytesView message,
                               BytesView signature_der);
/// PEM text (RFC 7468) of a DER SubjectPublicKeyInfo, and back.
std::string public_key_pem(BytesView der);
Result<Bytes> public_key_from_pem(std::string_view pem);

}  // namespace florin
