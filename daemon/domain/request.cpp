#include "daemon/domain/request.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "daemon/domain/request_text.h"

namespace florin::domain {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kTextLimit = 2048;
constexpr std::size_t kParameterLimit = 16UL * 1024;

struct Transition {
  RequestState from;
  RequestEvent event;
  RequestState to;
};

using S = RequestState;
using E = RequestEvent;

// The whole machine; a pair that is not here cannot happen. What has begun is carried to its end:
// it neither expires nor can it be cancelled.
constexpr std::array kTransitions = {
    Transition{S::waiting, E::approved_in_part, S::waiting},
    Transition{S::waiting, E::approved_in_full, S::approved},
    Transition{S::waiting, E::rejected, S::rejected},
    Transition{S::waiting, E::cancelled, S::cancelled},
    Transition{S::waiting, E::expired, S::expired},
    Transition{S::approved, E::cancelled, S::cancelled},
    Transition{S::approved, E::expired, S::expired},
    Transition{S::approved, E::execution_begun, S::executing},
    Transition{S::approved, E::execution_failed, S::failed},
    Transition{S::executing, E::execution_succeeded, S::executed},
    Transition{S::executing, E::execution_failed, S::failed},
};

constexpr std::array<std::string_view, 8> kStateNames = {
    "waiting", "approved", "executing", "executed", "failed", "rejected", "cancelled", "expired"};

Error invalid(const char* what) {
  return Error(Errc::ledger_record_invalid, {}, {}, what);
}

Result<RequestTerms> read_terms(const Uuid& id, ByteReader& in) {
  RequestTerms terms{.id = {id}, .requester = {}};
  const bool known = in.u8() == kFormat;
  terms.origin = in.sized_text(kTextLimit);
  terms.evaluation = in.u8() == 1;
  terms.operation = in.sized_text(kTextLimit);
  const std::string parameters = in.sized_text(kParameterLimit);
  terms.consequence = in.sized_text(kTextLimit);
  terms.reason = in.sized_text(kTextLimit);
  terms.requester.value.bytes = in.array<16>();
  terms.requester_name = in.sized_text(kTextLimit);
  terms.requester_uid = in.u32();
  terms.requested_at = in.i64();
  terms.approve_before = in.i64();
  terms.execute_before = in.i64();
  terms.approvals = in.u8();
  terms.approvers = in.u8();
  // The text has microseconds; what it does not show must not be there.
  const bool shown = terms.requested_at % 1000 == 0 && terms.approve_before % 1000 == 0 &&
                     terms.execute_before % 1000 == 0;
  if (!known || !shown || !in.ok()) return invalid("stored request");
  FLORIN_TRY(json::value document, json::parse(parameters));
  if (!document.is_object()) return invalid("stored parameters");
  terms.parameters = std::move(document.get_object());
  return terms;
}

}  // namespace

std::string_view request_state_name(RequestState state) noexcept {
  const auto at = static_cast<std::size_t>(state);
  return at >= 1 && at <= kStateNames.size() ? kStateNames[at - 1] : std::string_view();
}

std::string_view request_event_name(RequestEvent event) noexcept {
  constexpr std::array<std::string_view, 8> names = {
      "approved in part", "approved",        "rejected", "cancelled",
      "expired",          "execution begun", "executed", "failed"};
  return names[static_cast<std::size_t>(event)];
}

std::optional<RequestState> next_state(RequestState from, RequestEvent event) noexcept {
  for (const Transition& row : kTransitions) {
    if (row.from == from && row.event == event) return row.to;
  }
  return std::nullopt;
}

bool has_ended(RequestState state) noexcept {
  return state != S::waiting && state != S::approved && state != S::executing;
}

std::string request_number_text(std::uint32_t number) {
  return fmt::format("R-{:04}", number);
}

std::optional<std::uint32_t> parse_request_number(std::string_view text) noexcept {
  if (text.starts_with("R-") || text.starts_with("r-")) text.remove_prefix(2);
  std::uint32_t number = 0;
  const char* const first = text.data();
  const char* const last = first + text.size();
  const auto [end, error] = std::from_chars(first, last, number);
  if (error != std::errc() || end != last || number == 0) return std::nullopt;
  return number;
}

Uuid vote_id(const ControlRequestId& request, const PersonId& person) {
  const Hash32 whole =
      sha256({view_of("request-vote/1"), request.value.view(), person.value.view()});
  return Uuid::from(BytesView(whole).first(16));
}

Stored encode(const ControlRequest& request) {
  const RequestTerms& terms = request.terms;
  ByteWriter fixed;
  fixed.u8(kFormat);
  fixed.sized_text(terms.origin);
  fixed.u8(terms.evaluation ? 1 : 0);
  fixed.sized_text(terms.operation);
  fixed.sized_text(json::canonical(terms.parameters));
  fixed.sized_text(terms.consequence);
  fixed.sized_text(terms.reason);
  fixed.raw(terms.requester.value.view());
  fixed.sized_text(terms.requester_name);
  fixed.u32(terms.requester_uid);
  fixed.i64(terms.requested_at);
  fixed.i64(terms.approve_before);
  fixed.i64(terms.execute_before);
  fixed.u8(terms.approvals);
  fixed.u8(terms.approvers);
  fixed.raw(request_digest(canonical_text(terms)));
  fixed.raw(request.signature);
  ByteWriter head;
  head.u8(kFormat);
  head.u32(request.number);
  head.u8(static_cast<std::uint8_t>(request.state));
  head.i64(request.changed_at);
  head.i64(request.execute_until);
  head.u32(request.refusals);
  head.u8(static_cast<std::uint8_t>(request.approved_by.size()));
  for (const PersonId& person : request.approved_by) head.raw(person.value.view());
  head.raw(request.ended_by.value.view());
  head.sized_text(request.outcome);
  return {std::move(fixed).take(), std::move(head).take()};
}

Result<ControlRequest> decode_request(const Uuid& id, std::uint64_t version, BytesView immutable,
                                      BytesView head) {
  ByteReader fixed(immutable);
  ControlRequest out;
  FLORIN_TRY(out.terms, read_terms(id, fixed));
  const auto digest = fixed.array<32>();
  out.signature = fixed.array<kEd25519SignatureSize>();
  out.version = version;
  ByteReader moving(head);
  const bool known = moving.u8() == kFormat;
  out.number = moving.u32();
  out.state = static_cast<RequestState>(moving.u8());
  out.changed_at = moving.i64();
  out.execute_until = moving.i64();
  out.refusals = moving.u32();
  const std::uint8_t approvals = moving.u8();
  for (std::size_t i = 0; i < approvals && moving.ok(); ++i) {
    out.approved_by.push_back({Uuid{moving.array<16>()}});
  }
  out.ended_by.value.bytes = moving.array<16>();
  out.outcome = moving.sized_text(kMaxOutcomeBytes);
  if (!known || !fixed.done() || !moving.done() || request_state_name(out.state).empty()) {
    return invalid("stored request");
  }
  if (digest != request_digest(canonical_text(out.terms))) return invalid("digest of a request");
  return out;
}

Stored encode(const RequestVote& vote) {
  ByteWriter fixed;
  fixed.u8(kFormat);
  fixed.raw(vote.request.value.view());
  fixed.raw(vote.person.value.view());
  fixed.u8(vote.approves ? 1 : 0);
  fixed.sized_text(vote.reason);
  fixed.i64(vote.at);
  fixed.raw(vote.signature);
  return {std::move(fixed).take(), {kFormat}};
}

Result<RequestVote> decode_vote(BytesView immutable) {
  ByteReader in(immutable);
  RequestVote vote;
  const bool known = in.u8() == kFormat;
  vote.request.value.bytes = in.array<16>();
  vote.person.value.bytes = in.array<16>();
  vote.approves = in.u8() == 1;
  vote.reason = in.sized_text(kTextLimit);
  vote.at = in.i64();
  vote.signature = in.array<kEd25519SignatureSize>();
  if (!known || !in.done()) return invalid("stored vote");
  return vote;
}

}  // namespace florin::domain
