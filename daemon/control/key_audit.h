#pragma once
/// What the books and the people keep of an operation on keys.
#include <string>
#include <vector>

#include "daemon/control/operation.h"
#include "ledger/command.h"

namespace florin::control {

/// An audit entry with the people and the digest of their request. The same request and step give
/// the same entry, so a repetition after a crash is none. `note` is public.
ledger::Command audit_command(std::string note, std::string_view step,
                              const ApprovedRequest& request);

/// One line of a ceremony record.
struct RecordLine {
  std::string what;
  std::string value;
};
/// A page to print and sign: what was done, by whom, with which results. Plain text.
std::string ceremony_record(const std::string& operation, const ApprovedRequest& request,
                            UnixNanos executed_at, const std::vector<RecordLine>& lines);

}  // namespace florin::control
