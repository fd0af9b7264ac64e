#pragma once
/// The reading end of the log, at start: every segment, group, frame and entry is checked on the
/// way.
#include <filesystem>
#include <functional>
#include <string>

#include "ledger/apply.h"
#include "ledger/segment_header.h"
#include "ledger/segment_keys.h"

namespace florin::ledger {

struct ScannedEntry {
  std::uint64_t segment = 0;
  std::uint64_t frame = 0;
  std::string place;      ///< "<file>, offset <n>", for messages
  BytesView frame_bytes;  ///< valid during the visit
  EntryRecord record;
};
using EntryVisitor = std::function<Result<void>(const ScannedEntry&)>;

/// Where the next segment continues.
struct LogEnd {
  std::uint64_t next_segment = 0;  ///< number for the next segment
  std::uint64_t previous_end = 0;  ///< end of the last good group in the segment before that
  std::uint64_t entries = 0;
  std::uint64_t segments = 0;
  std::string place;  ///< "<file>, offset <n>" where the log ends, for messages; empty when new
  bool torn = false;  ///< the last group was not finished and is left behind
};

/// Reads the whole log in `directory` in order and makes its segments known to `keyring`.
/// Errors: `ledger_corrupt` (damage, with file and offset), `ledger_mismatch` (another tenant or
/// mode), `decryption_failed` (other keys), `io_failure`, and whatever the visitor returns.
Result<LogEnd> scan_log(const std::filesystem::path& directory, const Uuid& tenant, Mode mode,
                        SegmentKeyring& keyring, const EntryVisitor& visit);

}  // namespace florin::ledger
