// Any bytes as a notice that a PSP has signed: never a crash, and every fact keeps to its limits
// and can be stored. The first byte chooses the verifier.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/hash.h"
#include "daemon/connectors/notice.h"
#include "daemon/domain/inbound_fact.h"

namespace florin::connectors {
namespace {

bool keeps_to_limits(const NoticeFact& fact) {
  return !fact.key.empty() && fact.key.size() <= kMaxFactKey &&
         fact.type.size() <= kMaxNoticeType && fact.happened_at >= 0 &&
         !(fact.reference.empty() && fact.psp_reference.empty()) &&
         fact.outcome.outcome != domain::OutcomeClass::unsent &&
         (!fact.late || (fact.late->amount.minor() > 0 && !fact.late->psp_key.empty()));
}

bool can_be_stored(const NoticeFact& fact) {
  domain::InboundFact record{.id = {},
                             .version = 1,
                             .connector = {},
                             .key = fact.key,
                             .type = fact.type,
                             .happened_at = fact.happened_at,
                             .received_at = 1,
                             .reference = fact.reference,
                             .psp_reference = fact.psp_reference,
                             .kind = fact.kind,
                             .outcome = fact.outcome,
                             .late = fact.late};
  domain::make_storable(record);
  const domain::Stored stored = domain::encode(record);
  const auto again = domain::decode_inbound_fact({}, 1, stored.immutable, stored.head);
  return again.ok() && domain::content_digest(*again) == domain::content_digest(record);
}

}  // namespace

void judge(bool stripe, const std::string& body) {
  const std::string secret = "whsec_0123456789abcdef0123456789abcdef";
  const std::string time = "1700000000";
  http::Headers headers;
  headers.add(
      stripe ? "Stripe-Signature" : "Sandbox-Signature",
      "t=" + time + ",v1=" +
          to_hex(hmac_sha256(view_of(secret), {view_of(time), view_of("."), view_of(body)})));
  std::vector<Secret> secrets;
  secrets.emplace_back(view_of(secret));
  const auto notice = find_notice_verifier(stripe ? "stripe" : "sandbox")
                          ->verify({headers, body}, {secrets, 1'700'000'000 * kNanosPerSecond});
  if (!notice.ok()) return;
  if (notice->facts.size() > kMaxNoticeFacts) std::abort();
  for (const NoticeFact& fact : notice->facts) {
    if (!keeps_to_limits(fact) || !can_be_stored(fact)) std::abort();
  }
}

}  // namespace florin::connectors

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string body(reinterpret_cast<const char*>(data + 1), size - 1);
  florin::connectors::judge((data[0] & 1U) != 0, body);
  return 0;
}
