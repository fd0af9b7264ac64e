#pragma once
/// Row keys of names that may exist only once in a ledger.
#include <string_view>

#include "base/tenant_keys.h"
#include "ledger/ledger.h"

namespace florin::control {

/// A keyed digest, so that the files do not tell the name. Errors: those of TenantKeys::index_key.
Result<Key16> name_key(const TenantKeys& keys, ledger::Mode mode, std::string_view name);

}  // namespace florin::control
