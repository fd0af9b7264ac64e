// Making requests.
#include "daemon/control/requests.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"

namespace florin::control {
namespace {

using domain::ControlRequest;
using domain::ControlRequestId;
using domain::Person;
using domain::RequestAct;
using domain::RequestEvent;
using domain::RequestState;
using domain::RequestTerms;

constexpr std::size_t kMaxReasonBytes = 120;
constexpr std::size_t kMaxConsequenceBytes = 1000;
constexpr std::size_t kMaxParameterBytes = 16UL * 1024;
constexpr std::int64_t kPreviewLifetime_ns = 600 * kNanosPerSecond;

}  // namespace

Result<void> check_reason(const std::string& reason) {
  const bool printable = std::all_of(reason.begin(), reason.end(),
                                     [](char letter) { return letter >= ' ' && letter <= '~'; });
  if (printable && !reason.empty() && reason.size() <= kMaxReasonBytes) return {};
  return Error(Errc::malformed_value, "/reason", "expected 1 to 120 printable ASCII characters");
}

Requests::Requests(std::shared_ptr<ledger::Ledger> system, std::shared_ptr<const People> people,
                   RequestSettings settings, const Clock& clock, Entropy& entropy)
    : store_(std::move(system), clock, entropy),
      people_(std::move(people)),
      settings_(settings),
      clock_(clock),
      entropy_(entropy) {}

void Requests::add(Operation operation) {
  FLORIN_ASSERT(operation.approvals >= 1 && operation.approvals <= domain::kMaxApprovers);
  FLORIN_ASSERT(operation.requesters != 0 && operation.approvers != 0);
  const std::string name = operation.name;
  const bool added = operations_.emplace(name, std::move(operation)).second;
  FLORIN_ASSERT(added);
}

void Requests::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
}

Result<void> Requests::check_open() const {
  if (stopped_) return Error(Errc::shutting_down);
  return {};
}

Result<const Operation*> Requests::operation_of(const std::string& name) const {
  const auto found = operations_.find(name);
  if (found == operations_.end()) {
    return Error(Errc::not_found, "/operation", "there is no such operation");
  }
  return &found->second;
}

Result<Requests::Proposed> Requests::propose(const RequestDraft& draft, const Person& person,
                                             const ControlRequestId& id,
                                             UnixNanos requested_at) const {
  FLORIN_TRY_VOID(check_reason(draft.reason));
  FLORIN_TRY(const Operation* operation, operation_of(draft.operation));
  if ((person.roles & operation->requesters) == 0) {
    return Error(Errc::permission_denied, {},
                 fmt::format("{} is asked for by {}; {} is {}", operation->name,
                             domain::roles_text(operation->requesters), person.part.name,
                             domain::roles_text(person.roles)));
  }
  FLORIN_TRY(Proposal proposal, operation->propose(draft.parameters));
  if (proposal.consequence.size() > kMaxConsequenceBytes ||
      json::canonical(proposal.parameters).size() > kMaxParameterBytes) {
    return Error(Errc::value_too_long, "/parameters", "the request is too long");
  }
  const UnixNanos approve_before = requested_at + settings_.approve_within_ns;
  RequestTerms terms{.id = id,
                     .origin = store_.origin(),
                     .evaluation = store_.evaluation(),
                     .operation = operation->name,
                     .parameters = std::move(proposal.parameters),
                     .consequence = std::move(proposal.consequence),
                     .reason = draft.reason,
                     .requester = person.id,
                     .requester_name = person.part.name,
                     .requester_uid = person.part.uid,
                     .requested_at = requested_at,
                     .approve_before = approve_before,
                     .execute_before = approve_before + settings_.execute_within_ns,
                     .approvals = static_cast<std::uint8_t>(operation->approvals),
                     .approvers = operation->approvers};
  return Proposed{std::move(terms), std::move(proposal.confirmation)};
}

Result<json::object> Requests::preview(const RequestDraft& draft, const Caller& caller) {
  const std::lock_guard lock(mutex_);
  FLORIN_TRY_VOID(check_open());
  auto person = people_->acting(caller);
  if (!person.ok()) return refuse("preview", caller, nullptr, nullptr, person.error());
  // To the microsecond, as the text and the wire have it.
  const UnixNanos now = clock_.now() / 1000 * 1000;
  auto proposed = propose(draft, *person, {new_uuid(clock_, entropy_)}, now);
  if (!proposed.ok()) {
    return refuse("preview", caller, nullptr, &*person, std::move(proposed).error());
  }
  const RequestTerms& terms = proposed->terms;
  const std::string text = domain::canonical_text(terms);
  return json::object{{"request", terms.id.text()},
                      {"operation", terms.operation},
                      {"parameters", terms.parameters},
                      {"consequence", terms.consequence},
                      {"confirmation", proposed->confirmation},
                      {"person", person->part.name},
                      {"requested_at", to_rfc3339(terms.requested_at)},
                      {"text", text},
                      {"digest", to_hex(domain::request_digest(text))}};
}

Result<json::object> Requests::create(const SignedRequest& signed_request, const Caller& caller) {
  const std::lock_guard lock(mutex_);
  FLORIN_TRY_VOID(check_open());
  auto person = people_->acting(caller);
  if (!person.ok()) return refuse("request", caller, nullptr, nullptr, person.error());
  auto made = create_checked(signed_request, *person);
  if (!made.ok()) return refuse("request", caller, nullptr, &*person, std::move(made).error());
  return made;
}

Result<json::object> Requests::create_checked(const SignedRequest& signed_request,
                                              const Person& person) {
  FLORIN_TRY(const auto known, store_.find(signed_request.id));
  if (known) {
    return Error(Errc::unique_violation, "/request", "this request was made already");
  }
  const UnixNanos age = clock_.now() - signed_request.requested_at;
  if (age < -kPreviewLifetime_ns || age > kPreviewLifetime_ns) {
    return Error(Errc::timestamp_skew, "/requested_at",
                 "the preview is too old: look at it again and sign that");
  }
  ControlRequest request;
  FLORIN_TRY(Proposed proposed,
             propose(signed_request.draft, person, signed_request.id, signed_request.requested_at));
  request.terms = std::move(proposed.terms);
  const std::string text = domain::canonical_text(request.terms);
  const std::string claim =
      domain::signed_text(RequestAct::request, request.terms.id.text(),
                          domain::request_digest(text), person.part.name, person.part.key);
  if (!verify_ed25519(person.part.key, view_of(claim), signed_request.signature).ok()) {
    return Error(Errc::signature_invalid, "/signature",
                 "the signature is not of this text by the key that is bound");
  }
  std::copy(signed_request.signature.begin(), signed_request.signature.end(),
            request.signature.begin());
  request.changed_at = clock_.now();
  FLORIN_TRY_VOID(store_.create(request, actor_of(person.id)));
  log(LogLevel::notice, "request.made",
      {{"request", domain::request_number_text(request.number)},
       {"operation", request.terms.operation},
       {"person", person.part.name},
       {"uid", person.part.uid}});
  return document(request);
}

Result<void> Requests::move(ControlRequest& request, RequestEvent event, RequestStep step) {
  const auto next = domain::next_state(request.state, event);
  if (!next) {
    return Error(Errc::state_conflict, {},
                 fmt::format("{} is {}", domain::request_number_text(request.number),
                             domain::request_state_name(request.state)));
  }
  request.state = *next;
  FLORIN_TRY_VOID(store_.write(request, std::move(step)));
  log(LogLevel::notice, "request.changed",
      {{"request", domain::request_number_text(request.number)},
       {"operation", request.terms.operation},
       {"event", domain::request_event_name(event)},
       {"state", domain::request_state_name(request.state)}});
  return {};
}

RequestState Requests::state_now(const ControlRequest& request) const {
  const UnixNanos now = clock_.now();
  const bool late =
      (request.state == RequestState::waiting && now >= request.terms.approve_before) ||
      (request.state == RequestState::approved && now >= request.execute_until);
  return late ? RequestState::expired : request.state;
}

Result<void> Requests::end_if_expired(ControlRequest& request) {
  if (request.state == state_now(request)) return {};
  return move(request, RequestEvent::expired, {.note = "expired", .actor = {}});
}

std::string Requests::name_of(const domain::PersonId& person) const {
  const auto found = people_->find(person);
  return found ? found->part.name : std::string();
}

}  // namespace florin::control
