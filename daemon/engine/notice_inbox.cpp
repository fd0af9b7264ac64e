#include "daemon/engine/notice_inbox.h"

#include <algorithm>

#include "base/log.h"
#include "daemon/domain/index_keys.h"
#include "daemon/engine/append.h"
#include "daemon/engine/inbound_store.h"

namespace florin::engine {
namespace {

using domain::InboundFact;
using domain::InboundState;

// How often a fact is looked at anew when another entry came between.
constexpr int kAttempts = 5;
constexpr std::size_t kPage = 1000;

Result<std::vector<InboundFact>> facts_of(const Context& context, domain::Index index,
                                          BytesView prefix, std::size_t limit,
                                          bool newest_first = false) {
  FLORIN_TRY(const ledger::IndexPage page,
             context.books().index(static_cast<ledger::IndexNumber>(index), prefix, std::nullopt,
                                   limit, newest_first));
  std::vector<InboundFact> out;
  out.reserve(page.rows.size());
  for (const auto& found : page.rows) {
    FLORIN_TRY(const std::optional<ledger::ObjectRow> row,
               context.books().object(static_cast<ledger::ObjectKind>(domain::Kind::inbound_fact),
                                      found.id));
    if (!row) return Error(Errc::ledger_mismatch, {}, {}, "an index row without its notice");
    FLORIN_TRY(InboundFact fact,
               domain::decode_inbound_fact(row->id, row->version, row->immutable, row->head));
    out.push_back(std::move(fact));
  }
  return out;
}

InboundFact record_of(const connectors::NoticeFact& fact, const ConnectorId& connector,
                      const Uuid& id, UnixNanos now) {
  InboundFact out{.id = {id},
                  .version = 0,
                  .connector = connector,
                  .key = fact.key,
                  .type = fact.type,
                  .happened_at = fact.happened_at,
                  .received_at = now,
                  .reference = fact.reference,
                  .psp_reference = fact.psp_reference,
                  .kind = fact.kind,
                  .outcome = fact.outcome,
                  .late = fact.late};
  domain::make_storable(out);
  return out;
}

bool another_came_between(Errc code) {
  return code == Errc::version_conflict || code == Errc::unique_violation;
}

// Whether what a fact says beside its outcome counts: the operation had succeeded before.
bool speaks_late(const InboundFact& fact, const domain::Operation& operation) {
  return fact.late && operation.state == domain::OperationState::succeeded;
}

}  // namespace

NoticeInbox::NoticeInbox(net::Runtime& runtime, const Clock& clock, Entropy& entropy,
                         PaymentService& payments, Resolver& resolver)
    : runtime_(runtime),
      clock_(clock),
      entropy_(entropy),
      payments_(payments),
      resolver_(resolver) {
  payments_.on_outcome([this](const ContextPtr& context, const domain::Life& life,
                              const std::string& /*evidence*/) { look_for_parked(context, life); });
}

net::Task<Result<NoticeReceipt>> NoticeInbox::take(ContextPtr context, ConnectorId connector,
                                                   std::shared_ptr<const http::Request> request) {
  const auto found = load_connector(*context, connector);
  if (!found.ok()) co_return found.error();
  const auto* const verifier = connectors::find_notice_verifier(found->kind);
  if (!found->active || verifier == nullptr) co_return Error(Errc::not_found);
  FLORIN_CO_TRY(const std::vector<Secret> secrets, notice_secrets(*context, connector));
  FLORIN_CO_TRY(const connectors::Notice notice,
                verifier->verify({request->headers, request->body}, {secrets, clock_.now()}));
  NoticeReceipt receipt;
  for (const connectors::NoticeFact& fact : notice.facts) {
    InboundFact record = record_of(fact, connector, new_uuid(clock_, entropy_), clock_.now());
    FLORIN_CO_TRY(const bool fresh, co_await take_fact(context, std::move(record)));
    ++receipt.facts;
    if (!fresh) ++receipt.duplicates;
  }
  co_return receipt;
}

// True when it was not received before.
net::Task<Result<bool>> NoticeInbox::take_fact(ContextPtr context, InboundFact fact) {
  for (int attempt = 1;; ++attempt) {
    FLORIN_CO_TRY_VOID(co_await wait_visible(context));
    FLORIN_CO_TRY(const std::optional<KnownFact> known, find_known(*context, fact));
    if (known) {
      if (!known->same_content) {
        log(LogLevel::error, "notice.same_key_other_content",
            {{"connector", fact.connector.text()}, {"key", fact.key}, {"type", fact.type}});
      }
      co_return false;
    }
    Result<void> done = co_await conclude(context, fact);
    if (done.ok()) co_return true;
    if (!another_came_between(done.error().code()) || attempt == kAttempts) {
      co_return std::move(done).error();
    }
  }
}

net::Task<Result<void>> NoticeInbox::conclude(ContextPtr context, InboundFact fact) {
  FLORIN_CO_TRY(std::optional<domain::Life> life, find_operation(*context, fact));
  if (!life) co_return co_await park(std::move(context), std::move(fact));
  const bool only_late = fact.late && fact.outcome.outcome == domain::OutcomeClass::unknown;
  if (only_late || speaks_late(fact, life->operation)) {
    co_return co_await book_late(std::move(context), std::move(fact), life->operation.id);
  }
  co_return co_await book(std::move(context), std::move(fact), std::move(*life));
}

net::Task<Result<void>> NoticeInbox::book(ContextPtr context, InboundFact fact, domain::Life life) {
  const OperationId operation = life.operation.id;
  fact.operation = operation;
  fact.updated_at = clock_.now();
  domain::Outcome proven = proven_by(fact, life.operation);
  const bool proves = proven.outcome != domain::OutcomeClass::unknown;
  if (proves && !domain::has_ended(life.operation.state)) {
    InboundFact applied = fact;
    applied.state = InboundState::applied;
    Provenance provenance{
        .actor = {}, .entry = std::nullopt, .note = "notice received", .evidence = proven.evidence};
    add_record(*context, applied, provenance);
    FLORIN_CO_TRY(const Booking booking,
                  co_await payments_.book(context, std::move(life),
                                          PaymentService::settling(proven), std::move(provenance)));
    if (booking.booked) {
      log(LogLevel::info, "notice.applied",
          {{"operation", operation.text()}, {"key", fact.key}, {"type", fact.type}});
      co_return Result<void>{};
    }
    FLORIN_CO_TRY(life, load_life(*context, operation));
    if (speaks_late(fact, life.operation)) {
      co_return co_await book_late(std::move(context), std::move(fact), operation);
    }
  }
  const InboundState state = domain::InboundState{state_beside(proven, life.operation)};
  if (state == InboundState::differs) {
    log(LogLevel::error, "notice.differs",
        {{"operation", operation.text()},
         {"state", domain::operation_state_name(life.operation.state)},
         {"told", domain::outcome_class_name(proven.outcome)},
         {"key", fact.key}});
  }
  const bool open = !domain::has_ended(life.operation.state);
  FLORIN_CO_TRY_VOID(co_await keep(context, std::move(fact), state));
  if (open) resolver_.inquire_now(context, operation);
  co_return Result<void>{};
}

net::Task<Result<void>> NoticeInbox::keep(ContextPtr context, InboundFact fact,
                                          InboundState state) {
  fact.state = state;
  fact.updated_at = clock_.now();
  Provenance provenance;
  add_record(*context, fact, provenance);
  ledger::Command entry{.entry_id = new_uuid(clock_, entropy_),
                        .type = ledger::EntryType::audit,
                        .origin = ledger::Origin::fact,
                        .subject = fact.id.value,
                        .actor = {},
                        .note = "notice received"};
  entry.objects = std::move(provenance.objects);
  entry.uniques = std::move(provenance.uniques);
  Result<ledger::Receipt> receipt = co_await append(std::move(context), std::move(entry));
  if (!receipt.ok()) co_return std::move(receipt).error();
  co_return Result<void>{};
}

net::Task<Result<void>> NoticeInbox::recover(ContextPtr context) {
  FLORIN_CO_TRY(std::vector<InboundFact> open, open_inbound_facts(*context, kPage));
  for (InboundFact& fact : open) {
    if (fact.state != InboundState::parked) continue;
    have_parked_.insert({context->tenant(), context->ledger().mode});
    const std::string key = fact.key;
    const Result<void> done = co_await conclude(context, std::move(fact));
    if (!done.ok()) log_error("notice.not_applied", done.error(), {{"key", key}});
  }
  co_return Result<void>{};
}

Result<std::vector<InboundFact>> NoticeInbox::find_parked(const Context& context,
                                                          const Parked& wanted) {
  std::vector<InboundFact> out;
  if (!wanted.psp_reference.empty()) {
    FLORIN_TRY(
        out, facts_of(context, domain::Index::parked_by_psp_reference,
                      domain::reference_key(wanted.connector.value, wanted.psp_reference), kPage));
  }
  if (wanted.operation.value.is_nil()) return out;
  FLORIN_TRY(std::vector<InboundFact> open, open_inbound_facts(context, kPage));
  for (InboundFact& fact : open) {
    const bool waits = fact.state == InboundState::parked && fact.operation == wanted.operation;
    const bool there = std::any_of(
        out.begin(), out.end(), [&fact](const InboundFact& found) { return found.id == fact.id; });
    if (waits && !there) out.push_back(std::move(fact));
  }
  return out;
}

Result<std::vector<InboundFact>> open_inbound_facts(const Context& context, std::size_t limit) {
  return facts_of(context, domain::Index::open_inbound_facts, {}, limit);
}

Result<std::vector<InboundFact>> closed_inbound_facts(const Context& context, std::size_t limit) {
  return facts_of(context, domain::Index::closed_inbound_facts, {}, limit, true);
}

}  // namespace florin::engine
