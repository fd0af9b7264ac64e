#pragma once
/// What certificates have to tell to people. Pure.
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "daemon/net/certificates.h"

namespace florin {

/// What people should do something about: certificates that end within 30 days, have ended or do
/// not count yet, and revocation lists that have ended or end within 2 days.
std::vector<std::string> certificate_warnings(const std::vector<net::CertificateStatus>& status,
                                              UnixNanos now);
/// One item for each certificate, as `florin status` shows it.
json::array certificate_items(const std::vector<net::CertificateStatus>& status, UnixNanos now);

}  // namespace florin
