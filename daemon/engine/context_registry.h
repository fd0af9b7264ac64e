#pragma once
/// The contexts of all tenant ledgers that are open.
#include <map>
#include <mutex>
#include <vector>

#include "daemon/engine/context.h"

namespace florin::engine {

/// Thread-safe.
class ContextRegistry {
 public:
  void put(ContextPtr context);
  /// Error: `not_found`.
  [[nodiscard]] Result<ContextPtr> find(const TenantId& tenant, ledger::Mode mode) const;
  [[nodiscard]] std::vector<ContextPtr> all() const;
  /// Lets go of one ledger, which is closed when the last request that uses it has ended.
  void remove(const TenantId& tenant, ledger::Mode mode);
  /// Lets go of every ledger, at the end.
  void clear();

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<TenantId, ledger::Mode>, ContextPtr> contexts_;
};

}  // namespace florin::engine
