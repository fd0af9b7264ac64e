#pragma once
/// What a certificate says, as values. Private to this room.
#include <openssl/x509.h>

#include <string>
#include <vector>

#include "base/clock.h"
#include "daemon/net/certificates.h"

namespace florin::net {

/// Seconds are enough; 0 for what cannot be read.
UnixNanos unix_time(const ASN1_TIME* time) noexcept;
/// DNS names and addresses of a server's certificate.
std::vector<std::string> server_names(X509* certificate);
/// Why a certificate cannot be a client's, empty when it can: no authority, clientAuth among its
/// extended key usages, a URI or DNS name.
std::string_view client_fault(X509* certificate);
ClientCertificate client_facts(X509* certificate);

}  // namespace florin::net
