#include "daemon/hsm_report.h"

namespace florin {

json::object examination_document(const hsm::Examination& found) {
  json::array findings;
  for (const hsm::Finding& one : found.findings) {
    findings.push_back(json::object{
        {"property", one.property}, {"proof", hsm::proof_name(one.proof)}, {"detail", one.detail}});
  }
  return {{"fit", found.fit()},
          {"dialect", found.dialect},
          {"tried_here", found.tried},
          {"facts", found.facts},
          {"iv_rule", found.iv_rule},
          {"recommended_lanes", found.recommended_lanes},
          {"recommended_timeout_ms", std::int64_t{found.recommended_timeout.count()}},
          {"items", std::move(findings)}};
}

json::object hsm_document(const hsm::Status& status) {
  json::array keys;
  for (const hsm::KeyInfo& key : status.keys) {
    keys.push_back(json::object{{"name", key.label}, {"check_value", key.check_value}});
  }
  json::object errors;
  for (const auto& [name, count] : status.errors) errors[name] = count;
  return {{"state", hsm::state_name(status.state)},
          {"since", to_rfc3339(status.since)},
          {"reason", status.reason},
          {"token", status.token.label},
          {"serial", status.token.serial},
          {"model", status.token.model},
          {"dialect", status.dialect},
          {"generation", status.generation},
          {"reinitialisations", status.restarts},
          {"lanes", status.lanes},
          {"lanes_stuck", status.lanes_stuck},
          {"last_probe", status.last_probe == 0 ? "" : to_rfc3339(status.last_probe)},
          {"logins", status.logins},
          {"operations", status.operations},
          {"failures", status.failures},
          {"errors", std::move(errors)},
          {"keys", std::move(keys)}};
}

}  // namespace florin
