#pragma once
/// The PSP: the sandbox's book behind its HTTP requests, without sockets and files. What it was
/// asked it does at once; its inquiries may not see for a while what it did. Everything else that
/// goes wrong is the network's.
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "daemon/http/message.h"
#include "dice.h"
#include "sandbox/book.h"
#include "timeline.h"

namespace florin::sim {

class Psp {
 public:
  /// How long an inquiry may miss what was executed.
  static constexpr std::int64_t kWindow = 2 * kMinute;

  Psp(Timeline& timeline, Dice& dice) : timeline_(timeline), dice_(dice) {}

  /// What each tenant is known by here.
  static std::string api_key(std::size_t house);
  /// Told of everything that is executed: whose it is, and what an inquiry tells of it.
  void on_executed(std::function<void(std::size_t house, const json::object& record)> told) {
    told_ = std::move(told);
  }
  http::Response answer(const http::Request& request);

  /// The back office, for people: what was recorded under a key; it misses nothing.
  [[nodiscard]] std::optional<json::object> record(const std::string& key) const {
    return book_.record(key);
  }
  /// The same, for whoever finds nothing: the key will never be executed.
  void cancel(const std::string& key) { book_.settle(book_.cancel_key(key)); }
  /// See sandbox::Book::print.
  [[nodiscard]] json::value book() const { return book_.print(); }
  /// Inquiries that were told of nothing although there was something.
  [[nodiscard]] std::uint64_t missed() const { return missed_; }

 private:
  http::Response operate(std::size_t house, sandbox::OperationKind kind, const std::string& charge,
                         const http::Request& request);
  http::Response inquire(const std::string& key);
  http::Response conclude(const sandbox::Decision& decision);

  Timeline& timeline_;
  Dice& dice_;
  sandbox::Book book_{false};
  std::map<std::string, UnixNanos> seen_from_;  ///< keys that inquiries miss for a while
  std::uint64_t missed_ = 0;
  std::function<void(std::size_t, const json::object&)> told_;
};

}  // namespace florin::sim
