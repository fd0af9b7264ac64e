#pragma once
/// The contract between the engine and an acquirer that is reached over a standing connection, as
/// the hosts of ISO 8583 are: many requests on one wire, answers in any order, timers, reversals.
/// Without I/O: bytes and times come in, actions go out. The other form is `Codec` (codec.h). No
/// connector of this kind exists yet; tests/unit/connectors/link_test.cpp has one that proves that
/// the shape is enough.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "daemon/connectors/codec.h"

namespace florin::connectors {

/// Something that became of an operation.
struct LinkFact {
  std::string reference;  ///< text of our operation id
  domain::Outcome outcome;
};

/// What the caller has to do, in the order of the members.
struct LinkActions {
  /// Operations whose reversal has to be durable before the bytes below leave: when the process
  /// ends now, the next one must reverse them (`Link::reverse`).
  std::vector<std::string> reversals_begun;
  Bytes send;  ///< whole messages, to be written once and never again
  std::vector<LinkFact> facts;
  /// When to call `woke`, on the clock that the calls bring; nothing = not before the next call.
  std::optional<std::int64_t> wake_at_ns;
  bool close = false;  ///< end the connection; `closed` follows
};

/// One connection's conversation. Calls come one at a time, with times that never go back. What was
/// written may have arrived, whatever happens afterwards: nothing becomes `refused` or `unsent` by
/// silence.
class Link {
 public:
  virtual ~Link() = default;
  [[nodiscard]] virtual const CapabilitySheet& sheet() const = 0;

  /// The connection stands: sign on.
  virtual LinkActions opened(std::int64_t now_ns) = 0;
  /// True when an operation can be sent at once: signed on, and room in the window.
  [[nodiscard]] virtual bool ready() const = 0;
  /// Sends an operation. Not ready: the fact is `unsent`, and no byte leaves.
  virtual LinkActions submit(const OperationRequest& operation, std::int64_t now_ns) = 0;
  /// Ends an operation's doubt by reversing it there, again until it is confirmed.
  virtual LinkActions reverse(const OperationRequest& operation, std::int64_t now_ns) = 0;
  /// Bytes in any pieces. What is not a whole, authentic message proves nothing.
  virtual LinkActions received(BytesView bytes, std::int64_t now_ns) = 0;
  /// The time that was asked for has come.
  virtual LinkActions woke(std::int64_t now_ns) = 0;
  /// The connection has ended: what was under way is `unknown`.
  virtual LinkActions closed(std::int64_t now_ns) = 0;
};

}  // namespace florin::connectors
