#include "ledger/segment_keys.h"

#include <algorithm>
#include <string>

#include "base/hash.h"

namespace florin::ledger {
namespace {

// What is read is nearly always recent.
constexpr std::size_t kCachedSegments = 8;
constexpr std::size_t kKeyBytes = 32;

}  // namespace

SegmentKeyring::SegmentKeyring(std::shared_ptr<const TenantKeys> keys,
                               std::uint32_t projector_version)
    : keys_(std::move(keys)), projector_version_(projector_version) {}

void SegmentKeyring::add(std::uint64_t number, const SegmentKeySource& source) {
  const std::lock_guard lock(mutex_);
  FLORIN_ASSERT(number <= sources_.size() && number + 1 >= sources_.size());
  if (number < sources_.size()) sources_.pop_back();
  sources_.push_back(source);
  cache_.remove_if([number](const Cached& cached) { return cached.number == number; });
}

Result<std::shared_ptr<const SegmentKeys>> SegmentKeyring::derive(
    const SegmentKeySource& source) const {
  auto keys = std::make_shared<SegmentKeys>();
  FLORIN_TRY(keys->segment, keys_->derive_in(source.key_version, "segment/1", source.salt));
  const std::string index_label = "index/" + std::to_string(projector_version_);
  keys->projection = hkdf_sha256(keys->segment.view(), {}, view_of("projection/1"), kKeyBytes);
  keys->index = hkdf_sha256(keys->segment.view(), {}, view_of(index_label), kKeyBytes);
  return std::shared_ptr<const SegmentKeys>(std::move(keys));
}

std::map<std::uint32_t, std::uint64_t> SegmentKeyring::versions() const {
  const std::lock_guard lock(mutex_);
  std::map<std::uint32_t, std::uint64_t> out;
  for (const SegmentKeySource& source : sources_) ++out[source.key_version];
  return out;
}

Result<std::shared_ptr<const SegmentKeys>> SegmentKeyring::get(std::uint64_t number) const {
  const std::lock_guard lock(mutex_);
  const auto at = std::find_if(cache_.begin(), cache_.end(),
                               [number](const Cached& cached) { return cached.number == number; });
  if (at != cache_.end()) {
    cache_.splice(cache_.begin(), cache_, at);
    return cache_.front().keys;
  }
  if (number >= sources_.size()) {
    return Error(Errc::ledger_corrupt, {}, {},
                 "a row names segment " + std::to_string(number) + ", which is not there");
  }
  FLORIN_TRY(auto keys, derive(sources_[number]));
  cache_.push_front({number, keys});
  if (cache_.size() > kCachedSegments) cache_.pop_back();
  return keys;
}

}  // namespace florin::ledger
