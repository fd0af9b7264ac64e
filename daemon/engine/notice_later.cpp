// Facts that wait, and such as are about what has ended.
#include "base/log.h"
#include "daemon/engine/append.h"
#include "daemon/engine/inbound_store.h"
#include "daemon/engine/notice_inbox.h"

namespace florin::engine {
namespace {

using domain::InboundFact;
using domain::InboundState;

// How often parked facts are looked at anew when another entry came between.
constexpr int kAttempts = 5;

domain::Notice notice_of(const InboundFact& fact) {
  return {.kind = fact.late->kind,
          .id = {},
          .psp_key = fact.late->psp_key,
          .amount = fact.late->amount,
          .told_at = fact.happened_at,
          .dispute = fact.late->dispute};
}

void report(LogLevel level, std::string_view event, const InboundFact& fact) {
  log(level, event,
      {{"operation", fact.operation.text()},
       {"key", fact.key},
       {"type", fact.type},
       {"kind", fact.late ? domain::fact_kind_name(fact.late->kind) : std::string_view()}});
}

}  // namespace

// The record and what is booked are one entry: whoever was answered can rely on both.
net::Task<Result<void>> NoticeInbox::book_late(ContextPtr context, InboundFact fact,
                                               OperationId about) {
  const bool waited = !fact.operation.value.is_nil();
  fact.operation = about;
  fact.updated_at = clock_.now();
  PaymentService::Supplement supplement = [context, fact](const domain::Plan& plan) {
    InboundFact applied = fact;
    applied.state = domain::is_odd(plan) ? InboundState::differs : InboundState::applied;
    Provenance out{.actor = {}, .entry = std::nullopt, .note = "notice received"};
    add_record(*context, applied, out);
    if (applied.state == InboundState::differs) report(LogLevel::error, "notice.differs", applied);
    return out;
  };
  domain::Notice notice = notice_of(fact);
  const Result<FactVerdict> verdict =
      co_await payments_.book_fact(context, about, std::move(notice), std::move(supplement));
  // About another kind of operation than it can be: that is for people.
  const bool misplaced = !verdict.ok() && verdict.error().code() == Errc::malformed_value;
  if (!verdict.ok() && !misplaced) co_return verdict.error();
  if (misplaced || *verdict == FactVerdict::differs) {
    report(LogLevel::error, "notice.differs", fact);
    co_return co_await keep(std::move(context), std::move(fact), InboundState::differs);
  }
  if (*verdict == FactVerdict::duplicate) {
    co_return co_await keep(std::move(context), std::move(fact), InboundState::known);
  }
  if (*verdict == FactVerdict::booked) {
    report(LogLevel::info, "notice.applied", fact);
    co_return Result<void>{};
  }
  early_.insert(about);
  // It waits already; what it waits for may have been found since.
  if (fact.version != 0 && waited) co_return Result<void>{};
  report(LogLevel::info, "notice.early", fact);
  FLORIN_CO_TRY_VOID(co_await keep(context, std::move(fact), InboundState::parked));
  look_again(context, {.connector = {}, .psp_reference = {}, .operation = about});
  co_return Result<void>{};
}

net::Task<Result<void>> NoticeInbox::park(ContextPtr context, InboundFact fact) {
  // Once is enough.
  if (fact.version != 0) co_return Result<void>{};
  have_parked_.insert({context->tenant(), context->ledger().mode});
  log(LogLevel::warning, "notice.parked",
      {{"connector", fact.connector.text()}, {"key", fact.key}, {"type", fact.type}});
  Parked wanted{.connector = fact.connector, .psp_reference = fact.psp_reference, .operation = {}};
  FLORIN_CO_TRY_VOID(co_await keep(context, std::move(fact), InboundState::parked));
  // What it names may have come into the books in the meantime.
  if (!wanted.psp_reference.empty()) look_again(context, std::move(wanted));
  co_return Result<void>{};
}

// A payment's first success brings the acquirer's name of it into the books; any outcome may be the
// end that a fact waits for.
void NoticeInbox::look_for_parked(const ContextPtr& context, const domain::Life& life) {
  const bool parked = have_parked_.contains({context->tenant(), context->ledger().mode});
  const bool early = early_.contains(life.operation.id);
  if (early && domain::has_ended(life.operation.state)) early_.erase(life.operation.id);
  Parked wanted{.connector = life.attempt.connector,
                .psp_reference = parked ? life.attempt.psp_reference : std::string(),
                .operation = early ? life.operation.id : OperationId{}};
  if (early || !wanted.psp_reference.empty()) look_again(context, std::move(wanted));
}

void NoticeInbox::look_again(const ContextPtr& context, Parked wanted) {
  runtime_.spawn("parked notices", [this, context, wanted = std::move(wanted)] {
    return apply_parked(context, wanted);
  });
}

net::Task<void> NoticeInbox::apply_parked(ContextPtr context, Parked wanted) {
  for (int attempt = 1; attempt <= kAttempts; ++attempt) {
    const auto visible = co_await wait_visible(context);
    auto parked = visible.ok() ? find_parked(*context, wanted)
                               : Result<std::vector<InboundFact>>(visible.error());
    if (!parked.ok()) {
      log_error("notice.not_applied", parked.error());
      co_return;
    }
    bool again = false;
    for (InboundFact& fact : *parked) {
      const std::string key = fact.key;
      const Result<void> done = co_await conclude(context, std::move(fact));
      if (done.ok()) continue;
      again = true;
      // Another one that looked at the same time.
      if (done.error().code() == Errc::version_conflict && attempt < kAttempts) continue;
      log_error("notice.not_applied", done.error(), {{"key", key}});
    }
    if (!again) co_return;
  }
}

}  // namespace florin::engine
