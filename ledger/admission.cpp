#include "ledger/admission.h"

#include <algorithm>

#include "ledger/limits.h"

namespace florin::ledger {
namespace {

// A group of 64 weighs as much as all that was measured before; a lone command, whose cost is not
// that of one in a group, weighs little.
constexpr std::int64_t kCommandsOfMemory = 64;
constexpr std::int64_t kFlushesOfMemory = 8;

}  // namespace

bool Admission::takes(const Command& command, std::size_t queued) const noexcept {
  // What is reserved is bounded by the disk. It is not part of this: doubts that last for days
  // would close the books to everybody else, and the outcomes of what is under way do not come all
  // at once.
  const std::uint64_t wanted = queued + 1 + asked_ + command.reserves;
  return wanted <= kMaxQueuedCommands && predicted_ns(queued) <= kMaxPredicted_ns;
}

void Admission::joined(const Command& command) noexcept {
  asked_ += command.reserves;
}

void Admission::answered(const Command& command, bool appended) noexcept {
  asked_ -= command.reserves;
  if (!appended) return;
  reserved_ += command.reserves;
  reserved_ -= std::min<std::uint64_t>(reserved_, command.frees);
}

void Admission::measured(std::size_t commands, std::int64_t work_ns,
                         std::optional<std::int64_t> flush_ns) noexcept {
  if (commands == 0) return;
  const auto count = static_cast<std::int64_t>(commands);
  // Of a group: count * (its mean - mean so far) / (count + memory).
  command_ns_ += (work_ns - count * command_ns_) / (count + kCommandsOfMemory);
  if (flush_ns.has_value()) flush_ns_ += (*flush_ns - flush_ns_) / kFlushesOfMemory;
}

std::int64_t Admission::predicted_ns(std::size_t queued) const noexcept {
  // Nothing queued: nothing to wait for, so that one slow disk access never closes the door for
  // good.
  const std::size_t groups = (queued + kMaxGroupCommands - 1) / kMaxGroupCommands;
  return static_cast<std::int64_t>(queued) * command_ns_ +
         static_cast<std::int64_t>(groups) * flush_ns_;
}

Load Admission::load(std::size_t queued) const noexcept {
  return {queued, reserved_, predicted_ns(queued)};
}

}  // namespace florin::ledger
