#include "daemon/engine/context_registry.h"

namespace florin::engine {

void ContextRegistry::put(ContextPtr context) {
  const std::lock_guard lock(mutex_);
  contexts_.insert_or_assign({context->tenant(), context->ledger().mode}, std::move(context));
}

Result<ContextPtr> ContextRegistry::find(const TenantId& tenant, ledger::Mode mode) const {
  const std::lock_guard lock(mutex_);
  const auto found = contexts_.find({tenant, mode});
  if (found == contexts_.end()) return Error(Errc::not_found);
  return found->second;
}

void ContextRegistry::remove(const TenantId& tenant, ledger::Mode mode) {
  const std::lock_guard lock(mutex_);
  contexts_.erase({tenant, mode});
}

void ContextRegistry::clear() {
  const std::lock_guard lock(mutex_);
  contexts_.clear();
}

std::vector<ContextPtr> ContextRegistry::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<ContextPtr> out;
  out.reserve(contexts_.size());
  for (const auto& [key, context] : contexts_) out.push_back(context);
  return out;
}

}  // namespace florin::engine
