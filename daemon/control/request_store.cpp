#include "daemon/control/request_store.h"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/domain/kinds.h"
#include "daemon/domain/request_text.h"

namespace florin::control {
namespace {

using domain::ControlRequest;
using domain::ControlRequestId;
using domain::Kind;
using domain::RequestVote;

ledger::ObjectKind kind(Kind kind) {
  return static_cast<ledger::ObjectKind>(kind);
}

Key16 number_key(std::uint32_t number) {
  ByteWriter out;
  out.raw(view_of("request/1"));
  while (out.size() < 12) out.u8(0);
  out.u32_be(number);
  return ByteReader(out.view()).array<16>();
}

Result<std::optional<RequestVote>> vote_of(const ledger::Ledger& books,
                                           const ControlRequestId& request,
                                           const domain::PersonId& person) {
  FLORIN_TRY(const auto row,
             books.object(kind(Kind::request_vote), domain::vote_id(request, person)));
  if (!row) return std::optional<RequestVote>();
  FLORIN_TRY(RequestVote vote, domain::decode_vote(row->immutable));
  return std::optional(std::move(vote));
}

}  // namespace

Result<std::optional<ControlRequest>> RequestStore::find(const ControlRequestId& id) const {
  FLORIN_TRY(const auto row, books_->object(kind(Kind::request), id.value));
  if (!row) return std::optional<ControlRequest>();
  FLORIN_TRY(ControlRequest request,
             domain::decode_request(row->id, row->version, row->immutable, row->head));
  return std::optional(std::move(request));
}

Result<ControlRequest> RequestStore::find(std::string_view number_or_id) const {
  std::optional<ControlRequestId> id;
  if (const auto parsed = ControlRequestId::parse(number_or_id); parsed.ok()) {
    id = *parsed;
  } else if (const auto number = domain::parse_request_number(number_or_id)) {
    FLORIN_TRY(const auto row,
               books_->unique(static_cast<ledger::UniqueTable>(domain::Unique::request_number),
                              number_key(*number)));
    if (row && row->value.size() == 16) id = ControlRequestId{Uuid::from(row->value)};
  }
  const Error missing(Errc::not_found, "request", "there is no such request");
  if (!id) return missing;
  FLORIN_TRY(std::optional<ControlRequest> request, find(*id));
  if (!request) return missing;
  return std::move(*request);
}

Result<std::vector<ControlRequest>> RequestStore::all() const {
  constexpr std::size_t page = 1000;
  std::vector<ControlRequest> out;
  std::optional<Uuid> after;
  for (;;) {
    FLORIN_TRY(const std::vector<ledger::ObjectRow> rows,
               books_->objects(kind(Kind::request), after, page));
    for (const ledger::ObjectRow& row : rows) {
      FLORIN_TRY(ControlRequest request,
                 domain::decode_request(row.id, row.version, row.immutable, row.head));
      out.push_back(std::move(request));
      after = row.id;
    }
    if (rows.size() < page) break;
  }
  std::sort(out.begin(), out.end(),
            [](const auto& a, const auto& b) { return a.number < b.number; });
  return out;
}

Result<std::vector<RequestVote>> RequestStore::votes(const ControlRequest& request) const {
  std::vector<domain::PersonId> people = request.approved_by;
  if (request.state == domain::RequestState::rejected) people.push_back(request.ended_by);
  std::vector<RequestVote> out;
  for (const domain::PersonId& person : people) {
    FLORIN_TRY(std::optional<RequestVote> vote, vote_of(*books_, request.terms.id, person));
    if (!vote) return Error(Errc::ledger_mismatch, {}, {}, "an approval that is not there");
    out.push_back(std::move(*vote));
  }
  return out;
}

Result<std::optional<json::object>> RequestStore::outcome(const ControlRequestId& id) const {
  FLORIN_TRY(const auto row, books_->object(kind(Kind::request_outcome), id.value));
  if (!row) return std::optional<json::object>();
  FLORIN_TRY(json::value document, json::parse(text_of(row->immutable)));
  if (!document.is_object()) return Error(Errc::ledger_record_invalid, {}, {}, "stored outcome");
  return std::optional(std::move(document.get_object()));
}

Result<std::uint32_t> RequestStore::next_number() {
  if (last_number_ == 0) {
    FLORIN_TRY(const std::vector<ControlRequest> known, all());
    for (const ControlRequest& request : known) {
      last_number_ = std::max(last_number_, request.number);
    }
  }
  return last_number_ + 1;
}

Result<void> RequestStore::append(ledger::Command command) {
  std::vector<ledger::Command> commands;
  commands.push_back(std::move(command));
  std::vector<Result<ledger::Receipt>> receipts = books_->append(std::move(commands));
  if (!receipts.front().ok()) return std::move(receipts.front()).error();
  return books_->catch_up();
}

Result<void> RequestStore::create(ControlRequest& request, ledger::Actor actor) {
  FLORIN_TRY(request.number, next_number());
  domain::Stored stored = domain::encode(request);
  ledger::Command command;
  command.entry_id = new_uuid(clock_, entropy_);
  command.type = ledger::EntryType::audit;
  command.subject = request.terms.id.value;
  command.actor = actor;
  command.note = fmt::format("request {} made: {} digest {}",
                             domain::request_number_text(request.number), request.terms.operation,
                             to_hex(domain::request_digest(domain::canonical_text(request.terms))));
  command.objects.push_back({.kind = kind(Kind::request),
                             .id = request.terms.id.value,
                             .expected_version = 0,
                             .immutable = std::move(stored.immutable),
                             .head = std::move(stored.head)});
  command.uniques.push_back(
      {.table = static_cast<ledger::UniqueTable>(domain::Unique::request_number),
       .key = number_key(request.number),
       .value = to_bytes(request.terms.id.value.view())});
  FLORIN_TRY_VOID(append(std::move(command)));
  request.version = 1;
  last_number_ = request.number;
  return {};
}

Result<void> RequestStore::write(ControlRequest& request, RequestStep step) {
  request.changed_at = clock_.now();
  ledger::Command command;
  command.entry_id = new_uuid(clock_, entropy_);
  command.type = ledger::EntryType::audit;
  command.subject = request.terms.id.value;
  command.actor = step.actor;
  command.note =
      fmt::format("request {} {}", domain::request_number_text(request.number), step.note);
  command.approvals = std::move(step.approvals);
  command.objects.push_back({.kind = kind(Kind::request),
                             .id = request.terms.id.value,
                             .expected_version = request.version,
                             .immutable = std::nullopt,
                             .head = domain::encode(request).head});
  if (step.vote) {
    domain::Stored stored = domain::encode(*step.vote);
    command.objects.push_back({.kind = kind(Kind::request_vote),
                               .id = domain::vote_id(step.vote->request, step.vote->person),
                               .expected_version = 0,
                               .immutable = std::move(stored.immutable),
                               .head = std::move(stored.head)});
  }
  if (step.outcome) {
    command.objects.push_back({.kind = kind(Kind::request_outcome),
                               .id = request.terms.id.value,
                               .expected_version = 0,
                               .immutable = to_bytes(view_of(json::write(*step.outcome))),
                               .head = {1}});
  }
  FLORIN_TRY_VOID(append(std::move(command)));
  ++request.version;
  return {};
}

}  // namespace florin::control
