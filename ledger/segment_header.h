#pragma once
/// First block of a segment (FORMAT.md, "Segment"). Pure but for the derived keys.
#include "base/bytes.h"
#include "base/clock.h"
#include "base/tenant_keys.h"
#include "base/uuid.h"
#include "ledger/ledger.h"

namespace florin::ledger {

inline constexpr std::size_t kBlockBytes = 4096;

struct SegmentHeader {
  Uuid tenant;
  Mode mode{};
  std::uint64_t number = 0;
  std::uint64_t first_seq = 0;
  UnixNanos created_at = 0;
  Hash32 previous_leaf{};  ///< hash of the leaf before `first_seq`
  Hash32 salt{};
  std::uint64_t previous_end = 0;  ///< offset behind the last good group of the segment before
  Hash32 previous_digest{};        ///< SHA-256 over its bytes [0, previous_end); zero without one
  std::uint32_t key_version = 0;   ///< of the tenant's root that its keys come from
  /// Begins after a restore that cut: entries of earlier segments from `first_seq` on do not count.
  bool after_cut = false;
};

/// The 4096 bytes.
Result<Bytes> encode_segment_header(const SegmentHeader& header, const TenantKeys& keys);
/// Form and checksum only: nothing in it is proven yet. Error: `ledger_corrupt`.
Result<SegmentHeader> decode_segment_header(BytesView block);
/// Proves that the block was written with the tenant's keys. Error: `decryption_failed`, also when
/// the key version is not there any more.
Result<void> authenticate_segment_header(BytesView block, const SegmentHeader& header,
                                         const TenantKeys& keys);

}  // namespace florin::ledger
