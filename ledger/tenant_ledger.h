#pragma once
/// The capability for one tenant's books: whoever holds it reaches that tenant and mode, and no
/// other.
#include <memory>

#include "base/ids.h"
#include "base/subject_keys.h"
#include "ledger/ledger.h"

namespace florin::ledger {

struct TenantLedger {
  TenantId tenant;
  Mode mode = Mode::test;
  std::shared_ptr<Ledger> books;
  std::shared_ptr<const TenantKeys> keys;
  std::shared_ptr<SubjectKeys> subjects = nullptr;  ///< null: customers cannot be named
};

}  // namespace florin::ledger
