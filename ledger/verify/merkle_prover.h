#pragma once
/// Proofs of RFC 9162 §2.1.3.1 and §2.1.4.1 from all leaf hashes of a tree. Shares no code with the
/// checks of merkle.h but the two hash functions.
#include <span>
#include <vector>

#include "base/bytes.h"

namespace florin::verify {

/// PATH(index, hashes). `index` must be less than the number of hashes.
std::vector<Hash32> inclusion_proof(std::span<const Hash32> hashes, std::uint64_t index);
/// PROOF(old_size, hashes). 0 < old_size <= number of hashes.
std::vector<Hash32> consistency_proof(std::span<const Hash32> hashes, std::uint64_t old_size);

}  // namespace florin::verify
