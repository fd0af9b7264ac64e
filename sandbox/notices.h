#pragma once
/// Telling an appliance what became of operations: one signed POST for each, again until it is
/// taken, and as badly as a test wants it.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/secret.h"
#include "daemon/net/client.h"

namespace florin::sandbox {

/// Runs on one I/O thread. Runtime and clock outlive it.
class Notices {
 public:
  Notices(net::Runtime& runtime, const Clock& clock, std::shared_ptr<net::Client> client,
          net::Url url, Secret secret);

  /// Tells of an operation; `record` is what an inquiry answers. At most 10 000 wait.
  void tell(const json::object& record);
  /// Tells of what came after the end; `object` is a dispute, return or reversal.
  void tell_after(std::string_view type, const json::object& object);
  /// {"delivery": "send" | "hold" | "drop"}: what happens to those that are made from now on.
  Result<void> set(const json::value& body);
  /// {"order": "as_made" | "reversed", "copies": 1 to 10}: sends all that are held.
  Result<void> release(const json::value& body);
  /// {"delivery", "held", "sent", "failed"}: sent ones were answered with 2xx.
  [[nodiscard]] json::value print() const;

 private:
  enum class Delivery : std::uint8_t { send, hold, drop };
  void give(const json::object& event);
  void start(const std::string& body);
  net::Task<void> deliver(std::string body);
  net::Task<bool> post(std::string body);

  net::Runtime& runtime_;
  const Clock& clock_;
  std::shared_ptr<net::Client> client_;
  net::Url url_;
  Secret secret_;
  Delivery delivery_ = Delivery::send;
  std::vector<std::string> held_;
  std::int64_t sent_ = 0;
  std::int64_t failed_ = 0;
};

}  // namespace florin::sandbox
