#pragma once
/// What protects a connector and us from each other: how much may be under way, how much may start
/// in a second, and when it is left alone because it does not work. Pure: time comes in.
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>

namespace florin::engine {

struct LineLimits {
  std::size_t max_in_flight = 512;
  std::uint32_t per_second = 0;       ///< starts in a second, and at once; 0 = no limit
  std::size_t breaker_failures = 15;  ///< of the last 20 exchanges within a minute; 0 = no breaker
  std::int64_t breaker_open_s = 30;   ///< how long it is left alone before one trial
};

enum class Admission : std::uint8_t {
  admitted = 1,
  left_alone,  ///< the breaker is open
  crowded,     ///< too many under way
  too_fast,    ///< too many started within the last second
};
std::string_view admission_name(Admission admission) noexcept;

/// One connector's. Not thread-safe. Times are of one clock that never steps.
class LineGuard {
 public:
  explicit LineGuard(LineLimits limits) : limits_(limits) {}

  /// Asks to start. What is admitted is told the end of with `ended`; what is not is not counted.
  Admission admit(std::int64_t now_ns);
  /// Starts without asking: what brings evidence is never held back.
  void enter() noexcept { ++in_flight_; }
  /// `failed`: there was no answer, or one that says that the other side is out of order.
  void ended(std::int64_t now_ns, bool failed);

  [[nodiscard]] std::size_t in_flight() const noexcept { return in_flight_; }
  [[nodiscard]] bool is_open() const noexcept { return open_; }

 private:
  struct Result {
    std::int64_t at_ns = 0;
    bool failed = false;
  };
  [[nodiscard]] bool may_try(std::int64_t now_ns) const noexcept;
  [[nodiscard]] std::size_t failures(std::int64_t now_ns) const noexcept;
  bool take_token(std::int64_t now_ns);

  LineLimits limits_;
  std::size_t in_flight_ = 0;
  std::deque<Result> results_;
  bool open_ = false;
  bool trying_ = false;
  std::int64_t opened_ns_ = 0;
  std::int64_t filled_ns_ = 0;
  std::int64_t tokens_ns_ = -1;  ///< of one second; -1 = not used yet
};

}  // namespace florin::engine
