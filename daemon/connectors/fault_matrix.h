#pragma once
/// What each way of going wrong means for each operation of a connector, derived from its sheet.
/// The tests of connectors are made from it. Pure.
#include <span>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "daemon/connectors/capability.h"

namespace florin::connectors {

struct Fault {
  std::string_view name;
  domain::OutcomeClass outcome;
  std::string_view evidence;  ///< what the outcome rests on
};
/// Every fault, in the order of an exchange.
std::span<const Fault> faults() noexcept;

struct FaultRow {
  domain::OperationKind operation{};
  Fault fault{};
  /// How the outcome becomes known; empty when it is.
  std::vector<UnknownResolution> resolution;
  bool other_connector = false;  ///< another provider may be tried at once
};
/// One row for each supported operation and each fault.
std::vector<FaultRow> fault_matrix(const CapabilitySheet& sheet);

json::array to_json(const std::vector<FaultRow>& matrix);

}  // namespace florin::connectors
