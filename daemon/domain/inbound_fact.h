#pragma once
/// What a PSP said unasked, as it was received and verified, and what became of it.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/hash.h"
#include "base/ids.h"
#include "daemon/domain/fact.h"
#include "daemon/domain/operation.h"
#include "daemon/domain/outcome.h"
#include "daemon/domain/records.h"

namespace florin::domain {

struct InboundFactTag {
  static constexpr std::string_view prefix = "inf";
};
using InboundFactId = Id<InboundFactTag>;

/// Values are stored.
enum class InboundState : std::uint8_t {
  applied = 1,  ///< it ended the operation, or was booked after its end
  known = 2,    ///< the books said so before
  hint = 3,     ///< proves no outcome; was a reason to inquire
  parked = 4,   ///< nothing here is known that it could be about, yet
  differs = 5,  ///< says something else than the books: people have to look
  closed = 6,   ///< two people said that nothing more is to be done about it
};
std::string_view inbound_state_name(InboundState state) noexcept;
/// Parked and differing ones wait for something.
[[nodiscard]] bool is_open(InboundState state) noexcept;

struct InboundFact {
  InboundFactId id;
  std::uint64_t version = 0;
  // Written once.
  ConnectorId connector;
  std::string key;   ///< the PSP's name of the fact, at most 128 characters
  std::string type;  ///< the PSP's word for it, at most 64 characters
  UnixNanos happened_at = 0;
  UnixNanos received_at = 0;
  std::string reference;      ///< our operation id as the PSP repeats it, at most 64 characters
  std::string psp_reference;  ///< of the authorization, at most 64 characters
  std::optional<OperationKind> kind;
  Outcome outcome;  ///< without its evidence, which is this record
  /// What it says about an operation that has ended; it is booked once that has.
  std::optional<LateNotice> late = {};
  // State.
  InboundState state = InboundState::parked;
  OperationId operation;  ///< nil while none is known
  std::string closed_by;  ///< number of the request, at most kMaxRequestNumber; empty if not closed
  UnixNanos updated_at = 0;
};

/// Closes one that waits: it is never looked at again. Money is not moved by it. Error:
/// `state_conflict` when it waits for nothing.
Result<void> close(InboundFact& fact, std::string_view request, UnixNanos now);

/// Equal for facts that say the same, whenever they are received.
Key16 content_digest(const InboundFact& fact);
/// Shortens what is longer than the record takes.
void make_storable(InboundFact& fact);

Stored encode(const InboundFact& fact);
/// Error: `ledger_record_invalid`.
Result<InboundFact> decode_inbound_fact(const Uuid& id, std::uint64_t version, BytesView immutable,
                                        BytesView head);

}  // namespace florin::domain
