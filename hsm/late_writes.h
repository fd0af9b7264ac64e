#pragma once
/// Private to this room: writes that their callers have given up and that may still take effect.
#include <memory>
#include <mutex>
#include <vector>

namespace florin::hsm {

/// Thread-safe.
class LateWrites {
 public:
  /// Belongs to the write: whoever carries it out holds it until the last call has come back.
  using Ticket = std::shared_ptr<const char>;

  static Ticket new_ticket() { return std::make_shared<const char>(); }
  /// The caller has left before the write has ended.
  void add(const Ticket& ticket) {
    const std::lock_guard lock(mutex_);
    tickets_.emplace_back(ticket);
  }
  /// True while one of them runs: what is read now may be replaced at any time.
  [[nodiscard]] bool any() {
    const std::lock_guard lock(mutex_);
    std::erase_if(tickets_, [](const auto& ticket) { return ticket.expired(); });
    return !tickets_.empty();
  }

 private:
  std::mutex mutex_;
  std::vector<std::weak_ptr<const char>> tickets_;
};

}  // namespace florin::hsm
