#include "ledger/merkle.h"

#include "base/hash.h"

namespace florin::ledger {
namespace {

constexpr ByteArray<1> kLeafPrefix = {0x00};
constexpr ByteArray<1> kNodePrefix = {0x01};

}  // namespace

Hash32 merkle_leaf_hash(BytesView leaf) {
  return sha256({kLeafPrefix, leaf});
}

Hash32 merkle_node_hash(const Hash32& left, const Hash32& right) {
  return sha256({kNodePrefix, left, right});
}

void CompactRange::append(const Hash32& leaf_hash) {
  // Like adding one to a binary counter: each carry joins two subtrees of the same size.
  Hash32 carried = leaf_hash;
  for (std::uint64_t bits = size_; (bits & 1U) != 0; bits >>= 1U) {
    carried = merkle_node_hash(subtrees_.back(), carried);
    subtrees_.pop_back();
  }
  subtrees_.push_back(carried);
  ++size_;
}

Hash32 CompactRange::root() const {
  if (subtrees_.empty()) return sha256(BytesView{});
  Hash32 right = subtrees_.back();
  for (std::size_t i = subtrees_.size() - 1; i-- > 0;)
    right = merkle_node_hash(subtrees_[i], right);
  return right;
}

}  // namespace florin::ledger
