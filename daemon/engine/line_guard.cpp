#include "daemon/engine/line_guard.h"

#include <algorithm>

#include "base/clock.h"

namespace florin::engine {
namespace {

constexpr std::size_t kWindow = 20;
constexpr std::int64_t kWindow_ns = 60 * kNanosPerSecond;

}  // namespace

std::string_view admission_name(Admission admission) noexcept {
  switch (admission) {
    case Admission::admitted:
      return "admitted";
    case Admission::left_alone:
      return "breaker open";
    case Admission::crowded:
      return "too many under way";
    case Admission::too_fast:
      return "too many a second";
  }
  return "";
}

bool LineGuard::may_try(std::int64_t now_ns) const noexcept {
  return !trying_ && now_ns - opened_ns_ >= limits_.breaker_open_s * kNanosPerSecond;
}

// A bucket of one second's worth, filled as time passes; a token is a second's share.
bool LineGuard::take_token(std::int64_t now_ns) {
  if (limits_.per_second == 0) return true;
  if (tokens_ns_ < 0) tokens_ns_ = kNanosPerSecond;
  const std::int64_t passed = tokens_ns_ == kNanosPerSecond ? 0 : now_ns - filled_ns_;
  tokens_ns_ = std::min(kNanosPerSecond, tokens_ns_ + std::max<std::int64_t>(0, passed));
  filled_ns_ = now_ns;
  const std::int64_t token = kNanosPerSecond / limits_.per_second;
  if (tokens_ns_ < token) return false;
  tokens_ns_ -= token;
  return true;
}

Admission LineGuard::admit(std::int64_t now_ns) {
  if (open_ && !may_try(now_ns)) return Admission::left_alone;
  if (in_flight_ >= limits_.max_in_flight) return Admission::crowded;
  if (!take_token(now_ns)) return Admission::too_fast;
  if (open_) trying_ = true;
  ++in_flight_;
  return Admission::admitted;
}

std::size_t LineGuard::failures(std::int64_t now_ns) const noexcept {
  return static_cast<std::size_t>(std::count_if(
      results_.begin(), results_.end(),
      [&](const Result& result) { return result.failed && now_ns - result.at_ns <= kWindow_ns; }));
}

void LineGuard::ended(std::int64_t now_ns, bool failed) {
  if (in_flight_ > 0) --in_flight_;
  if (limits_.breaker_failures == 0) return;
  if (open_) {
    // Late ends of what started before say nothing new while it is left alone.
    const bool tried = trying_ || may_try(now_ns);
    if (!tried) return;
    trying_ = false;
    open_ = failed;
    opened_ns_ = now_ns;
    results_.clear();
    return;
  }
  results_.push_back({now_ns, failed});
  if (results_.size() > kWindow) results_.pop_front();
  if (!failed || failures(now_ns) < limits_.breaker_failures) return;
  open_ = true;
  trying_ = false;
  opened_ns_ = now_ns;
}

}  // namespace florin::engine
