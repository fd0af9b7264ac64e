#include "daemon/connectors/fault_matrix.h"

#include <array>

namespace florin::connectors {
namespace {

using enum domain::OutcomeClass;

constexpr std::array kFaults = {
    Fault{"cannot_be_asked", unsent, "the codec's objection, before anything is opened"},
    Fault{"held_back", unsent, "breaker, bulkhead or rate limit, before anything is opened"},
    Fault{"host_not_found", unsent, "no address"},
    Fault{"connection_refused", unsent, "no connection"},
    Fault{"tls_failed", unsent, "no request byte leaves before the handshake has ended"},
    Fault{"timed_out_before_send", unsent, "no request byte had left"},
    Fault{"broke_while_sending", unknown, "a part may have been enough"},
    Fault{"timed_out_after_send", unknown, "the peer may have acted"},
    Fault{"reset_before_answer", unknown, "the peer may have acted"},
    Fault{"server_error", unknown, "it may have acted before it failed"},
    Fault{"answer_cut_off", unknown, "not a whole answer"},
    Fault{"answer_malformed", unknown, "not a documented answer"},
    Fault{"answer_of_another", unknown, "another reference or payment"},
    Fault{"answer_of_another_amount", unknown, "compared by the core"},
    Fault{"killed_before_outcome", unknown, "dispatched without an outcome in the books"},
    Fault{"credentials_refused", refused, "a documented refusal of the first send"},
    Fault{"overloaded", refused, "a documented refusal of the first send"},
    Fault{"declined", declined, "a documented decline"},
};

}  // namespace

std::span<const Fault> faults() noexcept {
  return kFaults;
}

std::vector<FaultRow> fault_matrix(const CapabilitySheet& sheet) {
  std::vector<FaultRow> rows;
  rows.reserve(sheet.operations.size() * kFaults.size());
  for (const OperationCapability& capability : sheet.operations) {
    if (!capability.supported) continue;
    for (const Fault& fault : kFaults) {
      FaultRow row{capability.kind, fault, {}, fault.outcome == unsent || fault.outcome == refused};
      if (fault.outcome == unknown) row.resolution = capability.unknown_resolution;
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

json::array to_json(const std::vector<FaultRow>& matrix) {
  json::array out;
  for (const FaultRow& row : matrix) {
    json::array ways;
    for (const UnknownResolution way : row.resolution) {
      ways.emplace_back(unknown_resolution_name(way));
    }
    out.push_back(json::object{{"operation", domain::operation_kind_name(row.operation)},
                               {"fault", row.fault.name},
                               {"outcome", domain::outcome_class_name(row.fault.outcome)},
                               {"evidence", row.fault.evidence},
                               {"resolution", std::move(ways)},
                               {"other_connector", row.other_connector}});
  }
  return out;
}

}  // namespace florin::connectors
