#pragma once
/// The body of a webhook: the JSON envelope around an event's data.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"

namespace florin::webhooks {

/// Version of the payloads, a date.
inline constexpr std::string_view kApiVersion = "2026-11-01";

/// What an envelope tells about an event. Views must outlive the call they are handed to.
struct EventFacts {
  EventId id;
  std::string_view type;
  MerchantId merchant;
  std::uint64_t sequence = 0;  ///< per merchant, without gaps, from 1
  UnixNanos booked_at = 0;
  BytesView data;  ///< JSON of `data`
};

/// Minified JSON, every non-ASCII code point escaped, so that no re-encoding at the receiver can
/// break the signature. Depends on the event alone: all attempts send the same bytes. Error:
/// `malformed_json` when `data` is not a JSON object.
Result<std::string> envelope(const EventFacts& event);

}  // namespace florin::webhooks
