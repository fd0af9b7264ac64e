#pragma once
/// An operation that one person asks for and another one approves before it is carried out.
#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/uuid.h"
#include "daemon/domain/role.h"

namespace florin::control {

/// What is asked for, as the approver reads it.
struct Proposal {
  /// Complete and canonical: what was left out has its value, names have become identifiers.
  json::object parameters;
  /// One or two sentences that name the consequence, e.g. "Every secret of this tenant becomes
  /// unreadable for ever."
  std::string consequence;
  /// What the requester has to type; empty when a yes is enough.
  std::string confirmation;
};

/// A request that got its approvals. `people` begins with the requester, all are distinct.
struct ApprovedRequest {
  Uuid id;
  std::string number;  ///< "R-0042"
  Hash32 digest{};
  UnixNanos requested_at = 0;
  std::string reason;
  std::vector<Uuid> people;
};

/// Registered once at start, by name. All functions run on the blocking pool, one at a time.
struct Operation {
  std::string name;  ///< "key.rotate"
  domain::Roles requesters = 0;
  domain::Roles approvers = 0;
  unsigned approvals = 1;  ///< people besides the requester
  /// Checks parameters against the present state and changes nothing. Errors name the parameter as
  /// "/parameters/NAME".
  std::function<Result<Proposal>(const json::object& parameters)> propose;
  /// Carries it out; the answer is shown to the person who executes and kept in the audit entry.
  /// May be called again with the same request after a crash and must then complete, not repeat.
  std::function<Result<json::object>(const json::object& parameters,
                                     const ApprovedRequest& request)>
      execute;
};

}  // namespace florin::control
