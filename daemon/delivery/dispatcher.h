#pragma once
/// Makes the attempts that are due: claim (append `started`, commit), sign, send, append
/// `finished`, commit.
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/entropy.h"
#include "daemon/delivery/pump.h"
#include "daemon/delivery/writer.h"
#include "daemon/net/client.h"

namespace florin::delivery {

struct DispatcherOptions {
  std::shared_ptr<net::Client> client;
  std::string agent;  ///< User-Agent
  std::size_t in_flight = 64;
  std::size_t in_flight_per_endpoint = 8;
  std::chrono::milliseconds tick{250};  ///< how often the clock is compared with the next due time
};

struct DispatcherCounters {
  std::size_t in_flight = 0;
  std::uint64_t attempts = 0;   ///< ended since the start
  std::uint64_t delivered = 0;  ///< of them, answered with 2xx
  std::uint64_t exhausted = 0;  ///< deliveries given up
};

/// Must be held by a shared_ptr. I/O thread only.
class Dispatcher : public std::enable_shared_from_this<Dispatcher> {
 public:
  /// `ended` is called when an attempt, a claim or the clock's task has ended.
  Dispatcher(net::Runtime& runtime, const Clock& clock, Entropy& entropy,
             std::shared_ptr<Writer> writer, std::shared_ptr<const Pump> pump,
             DispatcherOptions options, std::function<void()> ended);

  void start();
  /// Starts no more attempts.
  void stop() { active_ = false; }
  [[nodiscard]] bool idle() const noexcept {
    return counters_.in_flight == 0 && !claiming_ && !ticking_;
  }
  /// There may be something due.
  void kick();
  [[nodiscard]] const DispatcherCounters& counters() const noexcept { return counters_; }

 private:
  net::Task<void> tick();
  net::Task<void> claim_all();
  net::Task<void> attempt(Delivery delivery, std::shared_ptr<const Source> source);
  net::Task<AttemptEnd> perform(Delivery delivery, std::shared_ptr<const Source> source);
  void started(const Delivery& delivery);
  void finished(const Delivery& delivery, const AttemptEnd& end);
  [[nodiscard]] ClaimRequest claim_request() const;
  std::uint64_t random();

  net::Runtime& runtime_;
  const Clock& clock_;
  Entropy& entropy_;
  std::shared_ptr<Writer> writer_;
  std::shared_ptr<const Pump> pump_;
  DispatcherOptions options_;
  std::function<void()> ended_;
  DispatcherCounters counters_;
  std::map<EndpointKey, std::size_t> in_flight_;
  std::optional<EndpointKey> last_endpoint_;
  std::optional<UnixNanos> next_due_;
  bool active_ = false;
  bool claiming_ = false;
  bool again_ = false;
  bool ticking_ = false;
};

}  // namespace florin::delivery
