#pragma once
/// Where the certificates are: `api.certificate` and `api.private_key`, and below
/// `api.certificates` one folder for each domain with chain.pem, key.pem and, as wanted,
/// domain.conf, clients.pem and clients.crl.
#include "daemon/config.h"
#include "daemon/net/certificates.h"

namespace florin {

/// Reads names and settings, not the certificates. Strict: what cannot be meant is an error.
/// Errors: `tls_failed` (folder), `config_invalid` (domain.conf, with its place).
Result<net::CertificateFiles> read_certificate_folder(const Config& config);

}  // namespace florin
