#pragma once
/// What the surroundings may ask of the log itself: to close what backups copy, and how busy it is.
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ledger/disk_room.h"
#include "ledger/ledger.h"

namespace florin::ledger {

/// A segment to which nothing will be added. Anybody can check it without keys: its bytes
/// [0, bytes) have this digest, which the header of the next segment repeats. What stands behind
/// them is a group that was never acknowledged, or zeroes.
struct SealedSegment {
  std::string file;  ///< name in log/
  std::uint64_t number = 0;
  std::uint64_t first_seq = 0;
  std::uint64_t next_seq = 0;  ///< behind its last entry
  std::uint64_t bytes = 0;
  Hash32 sha256{};
};

struct SealedLog {
  std::vector<SealedSegment> segments;  ///< all of them, oldest first
  std::uint64_t size = 0;               ///< entries in them, each of them durable
  Hash32 root{};                        ///< Merkle root over these entries
};

struct Load {
  std::size_t queued = 0;      ///< commands that wait, the group in work not counted
  std::uint64_t reserved = 0;  ///< outcomes that accepted commands still may need, doubts included
  std::int64_t predicted_ns = 0;  ///< how long a command would wait that is queued now
};

/// Thread-safe.
class LogControl {
 public:
  virtual ~LogControl() = default;
  /// Ends the present segment (unless nothing is in it); the next group begins a new one. Waits for
  /// the group in work: not from a callback of the ledger. Errors: `ledger_stopped`,
  /// `shutting_down`.
  virtual Result<SealedLog> rotate() = 0;
  /// How many segments of the log need each version of the tenant's root: they, and the rows of
  /// LMDB that their entries wrote, can be read as long as it is there.
  [[nodiscard]] virtual std::map<std::uint32_t, std::uint64_t> key_versions() const = 0;
  [[nodiscard]] virtual Load load() const = 0;
  /// Outcomes that earlier runs left open: they need their room as before. Once, after the opening
  /// and before the first command that moves money.
  virtual void expect_outcomes(std::uint64_t count) = 0;
  /// From now on no room is promised that another ledger with the same `room` has promised.
  virtual void share_room(std::shared_ptr<DiskRoom> room) = 0;
};

/// The control of a ledger that Ledger::open made; nothing for any other. Lives as long as it.
LogControl* log_control(Ledger& ledger) noexcept;

}  // namespace florin::ledger
