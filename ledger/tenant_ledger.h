#pragma once
/// The capability for one tenant's books: whoever holds it reaches that tenant and mode, and no
/// other.
#include <memory>

#include "base/ids.h"
#include "ledger/ledger.h"

namespace florin::ledger {

struct TenantLedger {
  TenantId tenant;
  Mode mode = Mode::test;
  std::shared_ptr<Ledger> books;
  std::shared_ptr<const TenantKeys> keys;
};

}  // namespace florin::ledger
