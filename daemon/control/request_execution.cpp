// Carrying out what was approved, once, whatever happens in between.
#include <fmt/format.h>

#include "base/log.h"
#include "daemon/control/requests.h"

namespace florin::control {
namespace {

using domain::ControlRequest;
using domain::RequestEvent;
using domain::RequestState;

constexpr std::size_t kMaxAnswerBytes = 16UL * 1024;

ApprovedRequest approved(const ControlRequest& request) {
  ApprovedRequest out{.id = request.terms.id.value,
                      .number = domain::request_number_text(request.number),
                      .digest = domain::request_digest(domain::canonical_text(request.terms)),
                      .requested_at = request.terms.requested_at,
                      .reason = request.terms.reason,
                      .people = {request.terms.requester.value}};
  for (const domain::PersonId& person : request.approved_by) out.people.push_back(person.value);
  return out;
}

// Something that is not there now; the same call may succeed later.
bool passes(const Error& error) {
  return error.error_class() == ErrorClass::unavailable ||
         error.error_class() == ErrorClass::exhausted;
}

std::string outcome_text(const Error& error) {
  std::string text = fmt::format("{}: {}{}{}", errc_name(error.code()), error.field(),
                                 error.field().empty() ? "" : ": ", error.message());
  text = domain::line_text(text);
  if (text.size() > domain::kMaxOutcomeBytes) text.resize(domain::kMaxOutcomeBytes);
  return text;
}

// The state stays as it is, and whoever acted hears what it is.
Error waits(const ControlRequest& request, std::string_view state, const Error& error) {
  const std::string number = domain::request_number_text(request.number);
  log_error("request.execution_waits", error, {{"request", number}});
  return Error(error.code(), {},
               fmt::format("{} {} and waits: {}; complete it with florin request execute", number,
                           state, error.message()),
               error.detail());
}

}  // namespace

Result<void> Requests::check_people(const ControlRequest& request) const {
  FLORIN_TRY(const Operation* operation, operation_of(request.terms.operation));
  const auto holds = [&](const domain::PersonId& id, domain::Roles roles) -> Result<void> {
    const auto person = people_->find(id);
    if (person && person->active && (person->roles & roles) != 0) return {};
    return Error(
        Errc::permission_denied, {},
        fmt::format("{} does not hold the role any more", person ? person->part.name : id.text()));
  };
  FLORIN_TRY_VOID(holds(request.terms.requester, operation->requesters));
  if (request.approved_by.size() < request.terms.approvals) {
    return Error(Errc::permission_denied, {}, "an approval is missing");
  }
  for (const domain::PersonId& person : request.approved_by) {
    FLORIN_TRY_VOID(
        holds(person, static_cast<domain::Roles>(request.terms.approvers & operation->approvers)));
  }
  return {};
}

Result<void> Requests::check_still_the_same(const Operation& operation,
                                            const ControlRequest& request) {
  FLORIN_TRY_VOID(check_people(request));
  FLORIN_TRY(const Proposal proposal, operation.propose(request.terms.parameters));
  if (json::canonical(proposal.parameters) == json::canonical(request.terms.parameters)) return {};
  return Error(Errc::state_conflict, {},
               "the state has changed since it was approved: it would mean something else now");
}

Result<void> Requests::carry_out(ControlRequest& request, const domain::PersonId& executor) {
  FLORIN_TRY(const Operation* operation, operation_of(request.terms.operation));
  const ledger::Actor actor = executor.value.is_nil() ? ledger::Actor{} : actor_of(executor);
  if (request.state != RequestState::executing) {
    if (!domain::next_state(request.state, RequestEvent::execution_begun)) {
      return Error(Errc::state_conflict, {},
                   fmt::format("{} is {}", domain::request_number_text(request.number),
                               domain::request_state_name(request.state)));
    }
    if (auto same = check_still_the_same(*operation, request); !same.ok()) {
      if (passes(same.error())) return waits(request, "is approved", same.error());
      return finish(request, std::move(same).error(), executor);
    }
    FLORIN_TRY_VOID(
        move(request, RequestEvent::execution_begun, {.note = "execution begun", .actor = actor}));
  }
  return finish(request, operation->execute(request.terms.parameters, approved(request)), executor);
}

Result<void> Requests::finish(ControlRequest& request, Result<json::object> answer,
                              const domain::PersonId& executor) {
  const ledger::Actor actor = executor.value.is_nil() ? ledger::Actor{} : actor_of(executor);
  const std::string number = domain::request_number_text(request.number);
  if (!answer.ok() && request.state == RequestState::executing && passes(answer.error())) {
    return waits(request, "has begun", answer.error());
  }
  const ApprovedRequest people = approved(request);
  RequestStep step{.note = {}, .actor = actor};
  for (const Uuid& person : people.people) step.approvals.push_back({person, people.digest});
  request.ended_by = executor;
  if (!answer.ok()) {
    request.outcome = outcome_text(answer.error());
    step.note = "failed: " + request.outcome.substr(0, 150);
    FLORIN_TRY_VOID(move(request, RequestEvent::execution_failed, std::move(step)));
    const Error& error = answer.error();
    return Error(error.code(), error.field(),
                 fmt::format("{} was approved and failed: {}", number, error.message()),
                 error.detail());
  }
  step.note = fmt::format("executed: {} digest {}", request.terms.operation, to_hex(people.digest));
  if (json::write(*answer).size() > kMaxAnswerBytes) *answer = {{"left_out", "too long to keep"}};
  step.outcome = std::move(*answer);
  return move(request, RequestEvent::execution_succeeded, std::move(step));
}

void Requests::complete() {
  const std::lock_guard lock(mutex_);
  if (stopped_) return;
  auto all = store_.all();
  if (!all.ok()) {
    log_error("request.not_completed", all.error());
    return;
  }
  for (ControlRequest& request : *all) {
    if (domain::has_ended(request.state)) continue;
    Result<void> done = end_if_expired(request);
    const bool begun = request.state == RequestState::executing;
    const bool due = request.state == RequestState::approved && settings_.execute_on_approval;
    if (done.ok() && (begun || due)) done = carry_out(request, {});
    if (!done.ok()) {
      log_error("request.not_completed", done.error(),
                {{"request", domain::request_number_text(request.number)}});
    }
  }
}

}  // namespace florin::control
