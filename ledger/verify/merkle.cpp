#include "ledger/verify/merkle.h"

#include <bit>

#include "base/hash.h"

namespace florin::verify {
namespace {

Error mismatch(std::string_view what) {
  return Error(Errc::ledger_mismatch, {}, std::string(what));
}

}  // namespace

Hash32 leaf_hash(BytesView leaf) {
  const std::uint8_t prefix = 0;
  return sha256({BytesView(&prefix, 1), leaf});
}

Hash32 node_hash(const Hash32& left, const Hash32& right) {
  const std::uint8_t prefix = 1;
  return sha256({BytesView(&prefix, 1), left, right});
}

void CompactRange::append(const Hash32& leaf_hash) {
  Hash32 hash = leaf_hash;
  // Each trailing one bit of the old size is a perfect subtree that the new leaf completes.
  for (int merges = std::countr_one(size_); merges > 0; --merges) {
    hash = node_hash(peaks_.back(), hash);
    peaks_.pop_back();
  }
  peaks_.push_back(hash);
  ++size_;
}

Hash32 CompactRange::root() const {
  if (peaks_.empty()) return sha256(BytesView{});
  Hash32 hash = peaks_.back();
  for (std::size_t i = peaks_.size() - 1; i-- > 0;) hash = node_hash(peaks_[i], hash);
  return hash;
}

Result<void> verify_inclusion(std::uint64_t index, std::uint64_t size, const Hash32& leaf_hash,
                              std::span<const Hash32> proof, const Hash32& root) {
  if (index >= size) return mismatch("the index is outside the tree");
  std::uint64_t fn = index;
  std::uint64_t sn = size - 1;
  Hash32 hash = leaf_hash;
  for (const Hash32& step : proof) {
    if (sn == 0) return mismatch("the inclusion proof is too long");
    if ((fn & 1U) != 0 || fn == sn) {
      hash = node_hash(step, hash);
      while ((fn & 1U) == 0 && fn != 0) {
        fn >>= 1U;
        sn >>= 1U;
      }
    } else {
      hash = node_hash(hash, step);
    }
    fn >>= 1U;
    sn >>= 1U;
  }
  if (sn != 0) return mismatch("the inclusion proof is too short");
  if (hash != root) return mismatch("the inclusion proof does not lead to the root");
  return {};
}

Result<void> verify_consistency(std::uint64_t old_size, std::uint64_t new_size,
                                const Hash32& old_root, const Hash32& new_root,
                                std::span<const Hash32> proof) {
  if (old_size == 0 || old_size > new_size) return mismatch("no such pair of trees");
  if (old_size == new_size) {
    if (!proof.empty()) return mismatch("the consistency proof is too long");
    if (old_root != new_root) return mismatch("two roots for one size");
    return {};
  }
  const bool whole = std::has_single_bit(old_size);
  if (!whole && proof.empty()) return mismatch("the consistency proof is too short");
  std::uint64_t fn = old_size - 1;
  std::uint64_t sn = new_size - 1;
  while ((fn & 1U) != 0) {
    fn >>= 1U;
    sn >>= 1U;
  }
  // A perfect old tree is a node of the new one, so the proof leaves it out.
  Hash32 old_hash = whole ? old_root : proof[0];
  Hash32 new_hash = old_hash;
  for (const Hash32& step : proof.subspan(whole ? 0 : 1)) {
    if (sn == 0) return mismatch("the consistency proof is too long");
    if ((fn & 1U) != 0 || fn == sn) {
      old_hash = node_hash(step, old_hash);
      new_hash = node_hash(step, new_hash);
      while ((fn & 1U) == 0 && fn != 0) {
        fn >>= 1U;
        sn >>= 1U;
      }
    } else {
      new_hash = node_hash(new_hash, step);
    }
    fn >>= 1U;
    sn >>= 1U;
  }
  if (sn != 0) return mismatch("the consistency proof is too short");
  if (old_hash != old_root) return mismatch("the consistency proof does not lead to the old root");
  if (new_hash != new_root) return mismatch("the consistency proof does not lead to the new root");
  return {};
}

}  // namespace florin::verify
