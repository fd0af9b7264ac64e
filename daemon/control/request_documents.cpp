// Requests as operators read them.
#include <algorithm>

#include "daemon/control/requests.h"

namespace florin::control {
namespace {

using domain::ControlRequest;
using domain::RequestState;

json::object summary(const ControlRequest& request, RequestState state) {
  const domain::RequestTerms& terms = request.terms;
  return {{"id", terms.id.text()},
          {"number", domain::request_number_text(request.number)},
          {"operation", terms.operation},
          {"parameters", terms.parameters},
          {"state", domain::request_state_name(state)},
          {"requested_by", terms.requester_name},
          {"requested_at", to_rfc3339(terms.requested_at)},
          {"reason", terms.reason},
          {"approvals_needed", std::int64_t{terms.approvals}},
          {"approvals_given", static_cast<std::int64_t>(request.approved_by.size())},
          {"approver_roles", domain::roles_text(terms.approvers)},
          {"approve_before", to_rfc3339(terms.approve_before)}};
}

}  // namespace

Result<json::object> Requests::document(const ControlRequest& request) const {
  const domain::RequestTerms& terms = request.terms;
  const std::string text = domain::canonical_text(terms);
  json::object out = summary(request, state_now(request));
  out["consequence"] = terms.consequence;
  out["requested_by_uid"] = terms.requester_uid;
  out["evaluation"] = terms.evaluation;
  out["signature"] = to_base64(request.signature);
  out["execute_before"] =
      to_rfc3339(request.execute_until != 0 ? request.execute_until : terms.execute_before);
  out["refused_attempts"] = request.refusals;
  json::array votes;
  FLORIN_TRY(const auto given, store_.votes(request));
  for (const domain::RequestVote& vote : given) {
    json::object item{{"person", name_of(vote.person)},
                      {"decision", vote.approves ? "approved" : "rejected"},
                      {"at", to_rfc3339(vote.at)},
                      {"signature", to_base64(vote.signature)}};
    if (const auto person = people_->find(vote.person)) {
      item["uid"] = person->part.uid;
      item["key"] = to_base64(person->part.key);
    }
    votes.emplace_back(std::move(item));
  }
  out["votes"] = std::move(votes);
  out["changed_at"] = to_rfc3339(request.changed_at);
  if (!request.ended_by.value.is_nil()) out["ended_by"] = name_of(request.ended_by);
  if (!request.outcome.empty()) out["outcome"] = request.outcome;
  FLORIN_TRY(const auto result, store_.outcome(terms.id));
  if (result) out["result"] = *result;
  out["text"] = text;
  out["digest"] = to_hex(domain::request_digest(text));
  return out;
}

Result<json::object> Requests::show(std::string_view number_or_id) const {
  FLORIN_TRY(const ControlRequest request, store_.find(number_or_id));
  return document(request);
}

Result<json::array> Requests::list(bool open, std::size_t limit) const {
  FLORIN_TRY(std::vector<ControlRequest> all, store_.all());
  std::reverse(all.begin(), all.end());
  json::array out;
  for (const ControlRequest& request : all) {
    const RequestState state = state_now(request);
    if (open && domain::has_ended(state)) continue;
    if (out.size() >= limit) break;
    out.emplace_back(summary(request, state));
  }
  return out;
}

Result<json::object> Requests::counts() const {
  FLORIN_TRY(const std::vector<ControlRequest> all, store_.all());
  std::int64_t waiting = 0;
  std::int64_t unfinished = 0;
  for (const ControlRequest& request : all) {
    const RequestState state = state_now(request);
    if (state == RequestState::waiting) ++waiting;
    if (state == RequestState::approved || state == RequestState::executing) ++unfinished;
  }
  return json::object{{"waiting", waiting},
                      {"approved", unfinished},
                      {"refused_attempts", refused_.load(std::memory_order_relaxed)}};
}

}  // namespace florin::control
