#pragma once
/// The keys of segments by number, a few of them kept.
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "base/tenant_keys.h"

namespace florin::ledger {

/// Which keys a segment has: its header says so.
struct SegmentKeySource {
  std::uint32_t key_version = 0;  ///< of the tenant's root
  Hash32 salt{};
};

/// Derived from one version of the tenant's root and the salt of one segment.
struct SegmentKeys {
  Secret segment;     ///< seals frames
  Secret projection;  ///< seals rows of LMDB that its entries wrote
  Secret index;       ///< seals index rows; another one for each version of the projectors
};

/// Thread-safe.
class SegmentKeyring {
 public:
  SegmentKeyring(std::shared_ptr<const TenantKeys> keys, std::uint32_t projector_version);
  /// Makes a segment known. Segments come in order of their numbers; the last one may be given
  /// again with a new source, when it held nothing and is replaced.
  void add(std::uint64_t number, const SegmentKeySource& source);
  /// Error: `ledger_corrupt` for a segment that is not known, `hsm_unavailable`.
  Result<std::shared_ptr<const SegmentKeys>> get(std::uint64_t number) const;
  /// How many segments need each version of the tenant's root.
  [[nodiscard]] std::map<std::uint32_t, std::uint64_t> versions() const;
  [[nodiscard]] const TenantKeys& tenant_keys() const noexcept { return *keys_; }

 private:
  Result<std::shared_ptr<const SegmentKeys>> derive(const SegmentKeySource& source) const;
  struct Cached {
    std::uint64_t number;
    std::shared_ptr<const SegmentKeys> keys;
  };
  std::shared_ptr<const TenantKeys> keys_;
  std::uint32_t projector_version_;
  mutable std::mutex mutex_;
  std::vector<SegmentKeySource> sources_;
  mutable std::list<Cached> cache_;  // most recently used first
};

}  // namespace florin::ledger
