// What people do with requests that exist.
#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "daemon/control/requests.h"

namespace florin::control {
namespace {

using domain::ControlRequest;
using domain::Person;
using domain::RequestAct;
using domain::RequestEvent;

// Beyond these an attempt is only logged: nobody fills the ledger by being refused.
constexpr std::uint32_t kMaxRecordedRefusals = 100;

// A public note takes no more; what is left out is in the request itself.
std::string short_text(std::string_view text, std::size_t limit) {
  return domain::line_text(text).substr(0, limit);
}

}  // namespace

Error Requests::refuse(std::string_view act, const Caller& caller, ControlRequest* request,
                       const Person* person, Error error) {
  refused_.fetch_add(1, std::memory_order_relaxed);
  const std::string number =
      request == nullptr ? std::string() : domain::request_number_text(request->number);
  log_error("request.refused", error,
            {{"act", act},
             {"request", number},
             {"person", person == nullptr ? caller.name : person->part.name},
             {"uid", caller.uid}});
  if (request == nullptr || request->refusals >= kMaxRecordedRefusals) return error;
  ++request->refusals;
  const auto written = store_.write(
      *request, {.note = fmt::format("attempt refused: {} ({})", act, errc_name(error.code())),
                 .actor = person == nullptr ? ledger::Actor{} : actor_of(person->id)});
  if (!written.ok()) log_error("request.refusal_not_recorded", written.error());
  return error;
}

Result<Requests::Actor> Requests::begin(RequestAct act, const SignedAct& what,
                                        const Caller& caller) {
  const std::string_view name = domain::request_act_name(act);
  auto request = store_.find(what.request);
  if (!request.ok()) return refuse(name, caller, nullptr, nullptr, std::move(request).error());
  FLORIN_TRY_VOID(end_if_expired(*request));
  auto person = people_->acting(caller);
  if (!person.ok()) return refuse(name, caller, &*request, nullptr, std::move(person).error());
  const Hash32 digest = domain::request_digest(domain::canonical_text(request->terms));
  if (digest != what.digest) {
    return refuse(
        name, caller, &*request, &*person,
        Error(Errc::state_conflict, "/digest",
              "this is not the digest of " + domain::request_number_text(request->number) +
                  ": another text was read than the one that was signed"));
  }
  const std::string claim = domain::signed_text(act, request->terms.id.text(), digest,
                                                person->part.name, person->part.key, what.reason);
  if (!verify_ed25519(person->part.key, view_of(claim), what.signature).ok()) {
    return refuse(name, caller, &*request, &*person,
                  Error(Errc::signature_invalid, "/signature",
                        "the signature is not by the key that is bound to " + person->part.name));
  }
  return Actor{.person = std::move(*person), .request = std::move(*request)};
}

Result<void> Requests::check_approver(const ControlRequest& request, const Person& person) const {
  const std::string number = domain::request_number_text(request.number);
  if (person.id == request.terms.requester) {
    return Error(Errc::permission_denied, {},
                 "you requested " + number + ", so somebody else has to approve it");
  }
  if (std::find(request.approved_by.begin(), request.approved_by.end(), person.id) !=
      request.approved_by.end()) {
    return Error(Errc::permission_denied, {},
                 "you approved " + number + " already, so somebody else has to approve it too");
  }
  if ((person.roles & request.terms.approvers) == 0) {
    return Error(Errc::permission_denied, {},
                 fmt::format("{} is approved by {}; {} is {}", number,
                             domain::roles_text(request.terms.approvers), person.part.name,
                             domain::roles_text(person.roles)));
  }
  return {};
}

Result<json::object> Requests::approve(const SignedAct& act, const Caller& caller) {
  const std::lock_guard lock(mutex_);
  FLORIN_TRY_VOID(check_open());
  FLORIN_TRY(Actor actor, begin(RequestAct::approve, act, caller));
  ControlRequest& request = actor.request;
  if (auto may = check_approver(request, actor.person); !may.ok()) {
    return refuse("approve", caller, &request, &actor.person, std::move(may).error());
  }
  const bool full = request.approved_by.size() + 1 >= request.terms.approvals;
  const RequestEvent event = full ? RequestEvent::approved_in_full : RequestEvent::approved_in_part;
  if (!domain::next_state(request.state, event)) {
    return refuse("approve", caller, &request, &actor.person,
                  Error(Errc::state_conflict, {},
                        fmt::format("{} is {}", domain::request_number_text(request.number),
                                    domain::request_state_name(request.state))));
  }
  domain::RequestVote vote{.request = request.terms.id,
                           .person = actor.person.id,
                           .approves = true,
                           .reason = {},
                           .at = clock_.now()};
  std::copy(act.signature.begin(), act.signature.end(), vote.signature.begin());
  request.approved_by.push_back(actor.person.id);
  if (full) {
    request.execute_until =
        std::min(vote.at + settings_.execute_within_ns, request.terms.execute_before);
  }
  const Hash32 digest = act.digest;
  FLORIN_TRY_VOID(move(request, event,
                       {.note = full ? "approved" : "approved in part",
                        .actor = actor_of(actor.person.id),
                        .vote = vote,
                        .approvals = {{actor.person.id.value, digest}}}));
  if (full && settings_.execute_on_approval) {
    FLORIN_TRY_VOID(carry_out(request, actor.person.id));
  }
  return document(request);
}

Result<json::object> Requests::reject(const SignedAct& act, const Caller& caller) {
  const std::lock_guard lock(mutex_);
  FLORIN_TRY_VOID(check_open());
  FLORIN_TRY_VOID(check_reason(act.reason));
  FLORIN_TRY(Actor actor, begin(RequestAct::reject, act, caller));
  ControlRequest& request = actor.request;
  if (auto may = check_approver(request, actor.person); !may.ok()) {
    return refuse("reject", caller, &request, &actor.person, std::move(may).error());
  }
  domain::RequestVote vote{.request = request.terms.id,
                           .person = actor.person.id,
                           .approves = false,
                           .reason = act.reason,
                           .at = clock_.now()};
  std::copy(act.signature.begin(), act.signature.end(), vote.signature.begin());
  request.ended_by = actor.person.id;
  request.outcome = act.reason;
  FLORIN_TRY_VOID(move(request, RequestEvent::rejected,
                       {.note = short_text("rejected: " + act.reason, 180),
                        .actor = actor_of(actor.person.id),
                        .vote = vote}));
  return document(request);
}

Result<json::object> Requests::cancel(const SignedAct& act, const Caller& caller) {
  const std::lock_guard lock(mutex_);
  FLORIN_TRY_VOID(check_open());
  FLORIN_TRY(Actor actor, begin(RequestAct::cancel, act, caller));
  ControlRequest& request = actor.request;
  if (actor.person.id != request.terms.requester) {
    return refuse("cancel", caller, &request, &actor.person,
                  Error(Errc::permission_denied, {},
                        "only who requested it can cancel it; others reject it"));
  }
  request.ended_by = actor.person.id;
  FLORIN_TRY_VOID(move(request, RequestEvent::cancelled,
                       {.note = "cancelled", .actor = actor_of(actor.person.id)}));
  return document(request);
}

Result<json::object> Requests::execute(const SignedAct& act, const Caller& caller) {
  const std::lock_guard lock(mutex_);
  FLORIN_TRY_VOID(check_open());
  FLORIN_TRY(Actor actor, begin(RequestAct::execute, act, caller));
  ControlRequest& request = actor.request;
  const bool concerned = actor.person.id == request.terms.requester ||
                         (actor.person.roles & request.terms.approvers) != 0;
  if (!concerned) {
    return refuse("execute", caller, &request, &actor.person,
                  Error(Errc::permission_denied, {},
                        "it is executed by who requested it or who may approve it"));
  }
  FLORIN_TRY_VOID(carry_out(request, actor.person.id));
  return document(request);
}

}  // namespace florin::control
