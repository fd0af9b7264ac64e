#pragma once
/// Events are stored without the personal fields of customers; here they are put in, as long as the
/// customer's key is there.
#include "ledger/tenant_ledger.h"

namespace florin::delivery {

/// What the merchant receives as the event's data. Errors: those of the ledger, `hsm_unavailable`.
Result<Bytes> with_personal_data(const ledger::TenantLedger& ledger, const ledger::Event& event);

}  // namespace florin::delivery
