#pragma once
/// The reading end of the log, at start: every segment, group, frame and entry is checked on the
/// way.
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "ledger/apply.h"
#include "ledger/segment_keys.h"
#include "ledger/segment_writer.h"

namespace florin::ledger {

/// Valid during the visit.
struct ScannedEntry {
  std::uint64_t segment = 0;
  std::uint64_t frame = 0;
  const std::filesystem::path& file;
  std::uint64_t offset = 0;  ///< in the file
  BytesView frame_bytes;
  EntryRecord record;
  std::uint64_t bytes_done = 0;   ///< of the log, up to the group before
  std::uint64_t bytes_total = 0;  ///< of the log
  /// "<file>, offset <n>", for messages.
  [[nodiscard]] std::string place() const;
};
using EntryVisitor = std::function<Result<void>(const ScannedEntry&)>;

/// Where the next segment continues.
struct LogEnd {
  std::uint64_t next_segment = 0;     ///< number for the next segment
  PreviousSegment previous;           ///< what its header says of the segment before
  std::vector<SealedSegment> sealed;  ///< all that hold a group: nothing is added to them
  std::uint64_t entries = 0;
  std::uint64_t segments = 0;
  std::string place;  ///< "<file>, offset <n>" where the log ends, for messages; empty when new
  bool torn = false;  ///< the last group was not finished and is left behind
};

/// Reads the whole log in `directory` in order and makes its segments known to `keyring`. With
/// `cut`, entries from that one on do not count where a restore left them in the last segment.
/// Errors: `ledger_corrupt` (damage, with file and offset), `ledger_mismatch` (another tenant or
/// mode), `decryption_failed` (other keys), `io_failure`, and whatever the visitor returns.
Result<LogEnd> scan_log(const std::filesystem::path& directory, const Uuid& tenant, Mode mode,
                        SegmentKeyring& keyring, const EntryVisitor& visit,
                        std::optional<std::uint64_t> cut = std::nullopt);

}  // namespace florin::ledger
