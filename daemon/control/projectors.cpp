#include "daemon/control/projectors.h"

#include "daemon/domain/index_keys.h"

namespace florin::control {
namespace {

std::vector<ledger::IndexEntry> project(ledger::ObjectKind kind, const Uuid& id,
                                        BytesView immutable, BytesView head) {
  std::vector<ledger::IndexEntry> out;
  for (domain::IndexKey& key :
       domain::index_keys(static_cast<domain::Kind>(kind), id, immutable, head)) {
    out.push_back({static_cast<ledger::IndexNumber>(key.index), std::move(key.key)});
  }
  return out;
}

}  // namespace

const ledger::ProjectorSet& projectors() {
  static const ledger::ProjectorSet set{domain::kIndexVersion, {&project}};
  return set;
}

}  // namespace florin::control
