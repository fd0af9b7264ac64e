#include "daemon/certificate_report.h"

#include <fmt/format.h>

namespace florin {
namespace {

constexpr std::int64_t kDay = 86'400 * kNanosPerSecond;
constexpr std::int64_t kCertificateDays = 30;
constexpr std::int64_t kRevocationDays = 2;

std::int64_t days_left(UnixNanos end, UnixNanos now) {
  // Towards the past: less than a day is none, and one second too late is -1.
  const std::int64_t left = end - now;
  return left / kDay - (left % kDay < 0 ? 1 : 0);
}

std::string title_of(const net::CertificateStatus& status) {
  return status.domain.empty() ? "the default certificate" : "the certificate of " + status.domain;
}

}  // namespace

std::vector<std::string> certificate_warnings(const std::vector<net::CertificateStatus>& status,
                                              UnixNanos now) {
  std::vector<std::string> out;
  for (const net::CertificateStatus& one : status) {
    if (one.not_after <= now) {
      out.push_back(fmt::format("{} ended at {}", title_of(one), to_rfc3339(one.not_after)));
    } else if (one.not_before > now) {
      out.push_back(
          fmt::format("{} does not count before {}", title_of(one), to_rfc3339(one.not_before)));
    } else if (const auto days = days_left(one.not_after, now); days < kCertificateDays) {
      out.push_back(fmt::format("{} ends in {} days", title_of(one), days));
    }
    if (one.revocations_until == 0) continue;
    if (one.revocations_until <= now) {
      out.push_back(fmt::format(
          "the revocation list of {} ended at {}: client certificates are refused there",
          one.domain, to_rfc3339(one.revocations_until)));
    } else if (days_left(one.revocations_until, now) < kRevocationDays) {
      out.push_back(fmt::format("the revocation list of {} ends at {}", one.domain,
                                to_rfc3339(one.revocations_until)));
    }
  }
  return out;
}

json::array certificate_items(const std::vector<net::CertificateStatus>& status, UnixNanos now) {
  json::array out;
  for (const net::CertificateStatus& one : status) {
    json::array names;
    for (const std::string& name : one.names) names.emplace_back(name);
    json::object item{{"domain", one.domain},
                      {"names", std::move(names)},
                      {"not_after", to_rfc3339(one.not_after)},
                      {"days_left", days_left(one.not_after, now)},
                      {"tenant", one.tenant},
                      {"client_certificates", net::client_policy_name(one.clients)}};
    if (one.revocations_until != 0) item["revocations_until"] = to_rfc3339(one.revocations_until);
    out.emplace_back(std::move(item));
  }
  return out;
}

}  // namespace florin
