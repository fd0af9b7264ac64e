#pragma once
/// What was tried about operations in doubt since the start of the process: for operators, not for
/// decisions. What must not be forgotten is in the books.
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/ids.h"

namespace florin::engine {

struct DoubtNote {
  UnixNanos since = 0;            ///< when the operation was made
  std::uint32_t inquiries = 0;    ///< since the start of the process
  UnixNanos next_inquiry_at = 0;  ///< 0: one is under way
  std::string last_evidence;      ///< why it is still open; printable, at most 200 bytes
};

/// Thread-safe: the resolver writes on the I/O thread, operators read on the blocking pool.
class DoubtNotes {
 public:
  struct Summary {
    std::size_t count = 0;
    UnixNanos oldest_since = 0;  ///< 0 when there is none
  };

  void begin(OperationId operation, UnixNanos since);
  void scheduled(OperationId operation, UnixNanos next_inquiry_at);
  void inquired(OperationId operation);
  /// Why it is open, in whatever words the engine's log has.
  void explained(OperationId operation, const std::string& evidence);
  void end(OperationId operation);

  [[nodiscard]] std::optional<DoubtNote> find(OperationId operation) const;
  [[nodiscard]] Summary summary() const;

 private:
  template <class Change>
  void change(OperationId operation, Change what);

  mutable std::mutex mutex_;
  std::map<OperationId, DoubtNote> notes_;
};

}  // namespace florin::engine
