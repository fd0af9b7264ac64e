#include "daemon/engine/inbound_store.h"

#include "daemon/connectors/notice_secrets.h"
#include "daemon/domain/index_keys.h"
#include "daemon/domain/notice_channel.h"
#include "daemon/vault/sealed_secret.h"

namespace florin::engine {
namespace {

constexpr std::size_t kMaxAttempts = 16;
constexpr std::size_t kMaxOperations = 100;

ledger::UniqueTable fact_table() {
  return static_cast<ledger::UniqueTable>(domain::Unique::inbound_fact);
}

bool is_charge(domain::OperationKind kind) {
  return kind == domain::OperationKind::sale || kind == domain::OperationKind::authorize;
}

// Whether a fact without our reference can be about an operation of that kind. A dispute is about
// the charge.
bool may_be_about(const domain::InboundFact& fact, domain::OperationKind kind) {
  if (fact.late && fact.late->dispute) return is_charge(kind);
  return fact.kind == kind;
}

// Of the attempt's operations that it may be about the one that is open, else the newest. What came
// back is only found where there is no choice.
Result<std::optional<domain::Life>> find_in_attempt(const Context& context, const Uuid& attempt,
                                                    const domain::InboundFact& fact) {
  FLORIN_TRY(
      const ledger::IndexPage page,
      context.books().index(static_cast<ledger::IndexNumber>(domain::Index::operations_of_attempt),
                            attempt.view(), std::nullopt, kMaxOperations, true));
  std::optional<domain::Life> newest;
  for (const auto& row : page.rows) {
    FLORIN_TRY(domain::Life life, load_life(context, {row.id}));
    if (!may_be_about(fact, life.operation.kind)) continue;
    if (fact.late && newest) return std::optional<domain::Life>();
    if (!fact.late && !domain::has_ended(life.operation.state))
      return std::optional(std::move(life));
    if (!newest) newest = std::move(life);
  }
  return newest;
}

// By the acquirer's name of the authorization and the kind.
Result<std::optional<domain::Life>> find_by_psp_reference(const Context& context,
                                                          const domain::InboundFact& fact) {
  const bool says_what = fact.kind || (fact.late && fact.late->dispute);
  if (fact.psp_reference.empty() || !says_what) return std::optional<domain::Life>();
  const Bytes prefix = domain::reference_key(fact.connector.value, fact.psp_reference);
  FLORIN_TRY(const ledger::IndexPage page,
             context.books().index(
                 static_cast<ledger::IndexNumber>(domain::Index::attempts_by_psp_reference), prefix,
                 std::nullopt, kMaxAttempts, true));
  for (const auto& row : page.rows) {
    FLORIN_TRY(std::optional<domain::Life> life, find_in_attempt(context, row.id, fact));
    if (life && life->attempt.psp_reference == fact.psp_reference) return life;
  }
  return std::optional<domain::Life>();
}

}  // namespace

Result<std::vector<Secret>> notice_secrets(const Context& context, const ConnectorId& connector) {
  FLORIN_TRY(const std::optional<ledger::ObjectRow> row,
             context.books().object(static_cast<ledger::ObjectKind>(domain::Kind::notice_channel),
                                    connector.value));
  if (!row) return Error(Errc::not_found);
  FLORIN_TRY(const domain::NoticeChannel channel,
             domain::decode_notice_channel(row->id, row->version, row->immutable, row->head));
  const std::string place =
      vault::secret_place(context.tenant().text(), "notice", connector.text(), "secret");
  FLORIN_TRY(const Secret joined,
             vault::open_secret(*context.ledger().keys, "cred", place, channel.sealed_secret));
  return connectors::split_notice_secrets(joined);
}

Result<std::optional<KnownFact>> find_known(const Context& context,
                                            const domain::InboundFact& fact) {
  FLORIN_TRY(const std::optional<ledger::UniqueRow> row,
             context.books().unique(fact_table(), context.fact_key(fact.connector, fact.key)));
  if (!row) return std::optional<KnownFact>();
  ByteReader in(row->value);
  KnownFact out;
  out.id.bytes = in.array<16>();
  out.same_content = in.array<16>() == domain::content_digest(fact);
  return std::optional(out);
}

Result<std::optional<domain::Life>> find_operation(const Context& context,
                                                   const domain::InboundFact& fact) {
  if (const auto id = OperationId::parse(fact.reference); id.ok()) {
    auto life = load_life(context, *id);
    if (!life.ok() && life.error().code() != Errc::not_found) return std::move(life).error();
    // Only the connector that was asked can tell about it.
    if (life.ok() && life->operation.connector == fact.connector) {
      return std::optional(std::move(*life));
    }
  }
  return find_by_psp_reference(context, fact);
}

domain::Outcome proven_by(const domain::InboundFact& fact, const domain::Operation& operation) {
  domain::Outcome out = fact.outcome;
  out.evidence = "notice " + fact.key;
  // Found by the acquirer's own name of it: that is the reference then.
  if (fact.reference.empty() && out.reference.empty()) out.reference = operation.id.text();
  const bool other_kind = fact.kind && *fact.kind != operation.kind;
  // A refusal is one whatever the attempt was called; a success is of the kind that succeeded.
  const bool success = out.outcome == domain::OutcomeClass::succeeded;
  if (out.outcome == domain::OutcomeClass::unsent || (other_kind && success)) {
    out.outcome = domain::OutcomeClass::unknown;
  }
  return out;
}

domain::InboundState state_beside(const domain::Outcome& proven,
                                  const domain::Operation& operation) {
  const bool open = proven.outcome == domain::OutcomeClass::unknown ||
                    proven.outcome == domain::OutcomeClass::pending;
  if (open) return domain::InboundState::hint;
  if (!domain::has_ended(operation.state)) return domain::InboundState::differs;
  const auto would = domain::next_state(domain::OperationState::dispatched, proven.outcome);
  if (would != operation.state) return domain::InboundState::differs;
  const bool same_amount = !proven.amount || *proven.amount == operation.amount;
  return same_amount ? domain::InboundState::known : domain::InboundState::differs;
}

void add_record(const Context& context, const domain::InboundFact& fact, Provenance& provenance) {
  domain::Stored stored = domain::encode(fact);
  ledger::ObjectWrite write{.kind = static_cast<ledger::ObjectKind>(domain::Kind::inbound_fact),
                            .id = fact.id.value,
                            .expected_version = fact.version,
                            .immutable = std::nullopt,
                            .head = std::move(stored.head)};
  if (fact.version == 0) {
    write.immutable = std::move(stored.immutable);
    ByteWriter value;
    value.raw(fact.id.value.view());
    value.raw(domain::content_digest(fact));
    provenance.uniques.push_back({.table = fact_table(),
                                  .key = context.fact_key(fact.connector, fact.key),
                                  .value = std::move(value).take()});
  }
  provenance.objects.push_back(std::move(write));
}

}  // namespace florin::engine
