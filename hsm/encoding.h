#pragma once
/// The byte forms between PKCS#11 and X.509 for ECDSA P-256. Pure.
#include "base/bytes.h"

namespace florin::hsm {

/// The 65-byte uncompressed point (SEC 1 §2.3.3) from a CKA_EC_POINT, which tokens give raw, as an
/// OCTET STRING (what PKCS#11 asks for) or as a BIT STRING. Error: `hsm_key_unfit`.
Result<Bytes> decode_ec_point(BytesView attribute);
/// DER SubjectPublicKeyInfo (RFC 5480) of a point on P-256. Error: `hsm_key_unfit`.
Result<Bytes> public_key_info_p256(BytesView point);
/// The OID prime256v1 in DER, as CKA_EC_PARAMS takes it.
BytesView ec_params_p256() noexcept;
/// DER Ecdsa-Sig-Value (RFC 3279 §2.2.3) from the 64 bytes r|s. Error: `hsm_failure`.
Result<Bytes> ecdsa_signature_der(BytesView raw);

}  // namespace florin::hsm
