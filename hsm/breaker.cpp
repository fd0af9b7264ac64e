#include "hsm/breaker.h"

#include <algorithm>

namespace florin::hsm {

bool Breaker::failed(Duration now, Duration jitter) {
  if (open()) {
    ++failed_trials_;
    next_trial_ = now + pause_ + jitter;
    return false;
  }
  std::rotate(failures_.begin(), failures_.begin() + 1, failures_.end());
  failures_.back() = now;
  const std::optional<Duration>& oldest = failures_.front();
  if (!oldest.has_value() || now - *oldest > kWindow) return false;
  next_trial_ = now + pause_ + jitter;
  failed_trials_ = 0;
  return true;
}

bool Breaker::succeeded() {
  if (!open()) return false;
  reset();
  return true;
}

void Breaker::reset() {
  failures_ = {};
  next_trial_.reset();
  failed_trials_ = 0;
}

}  // namespace florin::hsm
