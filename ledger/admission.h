#pragma once
/// Which commands are taken. A payment that was sent to an acquirer has an outcome, and outcomes
/// are facts, which are always taken: so the room that they will need is set aside when the command
/// is accepted that makes them necessary, and commands are refused while facts still fit.
#include <cstdint>
#include <optional>

#include "ledger/command.h"
#include "ledger/log_control.h"

namespace florin::ledger {

/// Not thread-safe: used under the lock of the queue.
class Admission {
 public:
  /// Whether a command may join a queue of so many.
  [[nodiscard]] bool takes(const Command& command, std::size_t queued) const noexcept;
  /// It joined.
  void joined(const Command& command) noexcept;
  /// It left with an answer. Reservations are made and given back by what was appended; a duplicate
  /// did that when it was none yet.
  void answered(const Command& command, bool appended) noexcept;
  /// Outcomes that are open from earlier runs.
  void expect(std::uint64_t outcomes) noexcept { reserved_ += outcomes; }
  /// A group of commands took so long, and its flush besides; nothing when it had none.
  void measured(std::size_t commands, std::int64_t work_ns,
                std::optional<std::int64_t> flush_ns) noexcept;

  /// Entries for which there must be room on the disk when all that is queued is accepted: an
  /// outcome that is not known when it is due takes one for the doubt and one for its end.
  [[nodiscard]] std::uint64_t promised() const noexcept { return 2 * (reserved_ + asked_); }
  [[nodiscard]] Load load(std::size_t queued) const noexcept;

 private:
  [[nodiscard]] std::int64_t predicted_ns(std::size_t queued) const noexcept;
  std::uint64_t reserved_ = 0;   // by accepted commands
  std::uint64_t asked_ = 0;      // by queued commands
  std::int64_t command_ns_ = 0;  // moving averages
  std::int64_t flush_ns_ = 0;
};

}  // namespace florin::ledger
