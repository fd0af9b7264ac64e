#pragma once
/// A request that one person makes and others approve: its states and its stored form.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/json.h"
#include "daemon/domain/person.h"

namespace florin::domain {

struct ControlRequestTag {
  static constexpr std::string_view prefix = "rqt";
};
using ControlRequestId = Id<ControlRequestTag>;

/// Values are stored.
enum class RequestState : std::uint8_t {
  waiting = 1,  ///< for approvals
  approved = 2,
  executing = 3,  ///< begun; a crash leaves it here and it is completed afterwards
  executed = 4,
  failed = 5,
  rejected = 6,
  cancelled = 7,
  expired = 8,
};
enum class RequestEvent : std::uint8_t {
  approved_in_part,
  approved_in_full,
  rejected,
  cancelled,
  expired,
  execution_begun,
  execution_succeeded,
  execution_failed,
};
std::string_view request_state_name(RequestState state) noexcept;
std::string_view request_event_name(RequestEvent event) noexcept;
/// Nothing when the event cannot happen in this state.
std::optional<RequestState> next_state(RequestState from, RequestEvent event) noexcept;
/// Nothing can happen to it any more.
[[nodiscard]] bool has_ended(RequestState state) noexcept;

/// What the canonical text states and every signature is over; never changes.
struct RequestTerms {
  ControlRequestId id;
  std::string origin;       ///< of the system ledger: names the appliance
  bool evaluation = false;  ///< people may share an account; keys alone tell them apart
  std::string operation;
  json::object parameters;
  std::string consequence;
  std::string reason;
  PersonId requester;
  std::string requester_name;
  std::uint32_t requester_uid = 0;
  UnixNanos requested_at = 0;
  UnixNanos approve_before = 0;
  UnixNanos execute_before = 0;  ///< the latest; execution also ends some time after the approval
  std::uint8_t approvals = 1;    ///< people besides the requester
  Roles approvers = 0;
};

struct ControlRequest {
  RequestTerms terms;
  Ed25519Signature signature{};  ///< of the requester
  std::uint64_t version = 0;
  std::uint32_t number = 0;  ///< counts requests from 1
  RequestState state = RequestState::waiting;
  UnixNanos changed_at = 0;
  UnixNanos execute_until = 0;  ///< set when approved in full
  std::vector<PersonId> approved_by;
  PersonId ended_by;           ///< who rejected, cancelled or executed it; nil for the appliance
  std::uint32_t refusals = 0;  ///< attempts that were refused
  std::string outcome;         ///< why it failed or was rejected; at most kMaxOutcomeBytes
};
inline constexpr std::size_t kMaxOutcomeBytes = 240;
inline constexpr std::size_t kMaxApprovers = 7;

/// "R-0042".
std::string request_number_text(std::uint32_t number);
/// "R-0042", "r-42" or "42".
std::optional<std::uint32_t> parse_request_number(std::string_view text) noexcept;

/// One approval or rejection as it was signed. Its id follows from request and person, so that a
/// person has one for each request.
struct RequestVote {
  ControlRequestId request;
  PersonId person;
  bool approves = true;
  std::string reason;  ///< of a rejection
  UnixNanos at = 0;
  Ed25519Signature signature{};
};
Uuid vote_id(const ControlRequestId& request, const PersonId& person);

Stored encode(const ControlRequest& request);
/// Error: `ledger_record_invalid`, also when the stored digest is not that of the terms.
Result<ControlRequest> decode_request(const Uuid& id, std::uint64_t version, BytesView immutable,
                                      BytesView head);
Stored encode(const RequestVote& vote);
Result<RequestVote> decode_vote(BytesView immutable);

}  // namespace florin::domain
