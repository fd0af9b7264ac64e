#include "daemon/domain/request_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace florin::domain {
namespace {

std::string parameter_lines(const json::object& parameters) {
  std::vector<std::string> lines;
  lines.reserve(parameters.size());
  for (const auto& [name, value] : parameters) {
    lines.push_back(fmt::format("parameter {} {}\n", line_text(std::string_view(name)),
                                json::canonical(value)));
  }
  std::sort(lines.begin(), lines.end());
  std::string out;
  for (const std::string& line : lines) out += line;
  return out;
}

}  // namespace

std::string line_text(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    if (letter >= ' ' && letter <= '~' && letter != '\\') {
      out += letter;
    } else {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(letter));
    }
  }
  return out;
}

std::string canonical_text(const RequestTerms& terms) {
  return fmt::format(
      "florin-request/1\n"
      "appliance {} {}\n"
      "request {}\n"
      "operation {}\n"
      "{}"
      "consequence {}\n"
      "reason {}\n"
      "requested-by {} {} uid {}\n"
      "requested-at {}\n"
      "approvals {} of {}\n"
      "approve-before {}\n"
      "execute-before {}\n",
      line_text(terms.origin), terms.evaluation ? "evaluation" : "production", terms.id.text(),
      line_text(terms.operation), parameter_lines(terms.parameters), line_text(terms.consequence),
      line_text(terms.reason), line_text(terms.requester_name), terms.requester.text(),
      terms.requester_uid, to_rfc3339(terms.requested_at), terms.approvals,
      roles_text(terms.approvers), to_rfc3339(terms.approve_before),
      to_rfc3339(terms.execute_before));
}

Hash32 request_digest(std::string_view canonical_text) {
  return sha256(view_of(canonical_text));
}

std::string_view request_act_name(RequestAct act) noexcept {
  switch (act) {
    case RequestAct::request:
      return "request";
    case RequestAct::approve:
      return "approve";
    case RequestAct::reject:
      return "reject";
    case RequestAct::cancel:
      return "cancel";
    case RequestAct::execute:
      return "execute";
  }
  return "";
}

std::string signed_text(RequestAct act, std::string_view request, const Hash32& digest,
                        std::string_view person, const Ed25519PublicKey& key,
                        std::string_view reason) {
  std::string out =
      fmt::format("florin-{}-signature/1\nrequest {}\ndigest {}\nperson {}\nkey {}\n",
                  request_act_name(act), request, to_hex(digest), person, to_hex(key));
  if (act == RequestAct::reject) out += fmt::format("reason {}\n", line_text(reason));
  return out;
}

}  // namespace florin::domain
