#pragma once
/// Opening a ledger with the files of the log given: what Ledger::open does with the machine's own.
#include "ledger/ledger.h"
#include "ledger/log_file.h"

namespace florin::ledger {

/// As Ledger::open; `files` must outlive the ledger. For tests that let the disk fail.
Result<std::unique_ptr<Ledger>> open_ledger(OpenOptions options,
                                            std::shared_ptr<const TenantKeys> keys,
                                            const ProjectorSet& projectors, const Clock& clock,
                                            Entropy& entropy, LogFiles& files);

}  // namespace florin::ledger
