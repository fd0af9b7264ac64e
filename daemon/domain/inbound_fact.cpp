#include "daemon/domain/inbound_fact.h"

#include <algorithm>

#include "daemon/domain/stored_values.h"

namespace florin::domain {
namespace {

constexpr std::uint8_t kFormat = 1;
// Of the immutable part of one that says something after the end.
constexpr std::uint8_t kLateFormat = 2;
// Of the head of one that is closed.
constexpr std::uint8_t kClosedFormat = 2;
constexpr std::size_t kMaxKey = 128;
constexpr std::size_t kMaxType = 64;
constexpr std::size_t kMaxReference = 64;
constexpr auto kLastKind = static_cast<std::uint8_t>(kLastOperationKind);
constexpr auto kLastCategory = static_cast<std::uint8_t>(DeclineCategory::technical);

void write_outcome(ByteWriter& out, const Outcome& outcome) {
  out.u8(static_cast<std::uint8_t>(outcome.outcome));
  out.sized_text(outcome.psp_reference);
  out.sized_text(outcome.reference);
  out.u8(outcome.amount ? 1 : 0);
  if (outcome.amount) {
    out.i64(outcome.amount->minor());
    out.u16(outcome.amount->currency().number());
  }
  out.u8(outcome.decline ? 1 : 0);
  if (outcome.decline) {
    out.u8(static_cast<std::uint8_t>(outcome.decline->category));
    out.sized_text(outcome.decline->code);
    out.sized_text(outcome.decline->network_code);
  }
}

Result<Outcome> read_outcome(ByteReader& in) {
  const Error wrong(Errc::ledger_record_invalid, {}, {}, "stored outcome of a notice");
  Outcome out;
  const std::uint8_t kind = in.u8();
  // Every class has a name; what has none is no class.
  out.outcome = static_cast<OutcomeClass>(kind);
  if (kind == 0 || outcome_class_name(out.outcome).empty()) return wrong;
  out.psp_reference = in.sized_text(kMaxPspReference);
  out.reference = in.sized_text(kMaxReference);
  const std::uint8_t has_amount = in.u8();
  if (has_amount == 1) {
    const std::int64_t minor = in.i64();
    FLORIN_TRY(const Currency currency, Currency::from_number(in.u16()));
    FLORIN_TRY(out.amount, Money::make(minor, currency));
  }
  const std::uint8_t has_decline = in.u8();
  if (has_decline == 1) {
    Decline decline;
    const std::uint8_t category = in.u8();
    if (category == 0 || category > kLastCategory) return wrong;
    decline.category = static_cast<DeclineCategory>(category);
    decline.code = in.sized_text(kMaxDeclineCode);
    decline.network_code = in.sized_text(kMaxNetworkCode);
    out.decline = std::move(decline);
  }
  if (has_amount > 1 || has_decline > 1) return wrong;
  return out;
}

void write_late(ByteWriter& out, const LateNotice& late) {
  out.u8(static_cast<std::uint8_t>(late.kind));
  out.sized_text(late.psp_key);
  stored::write_money(out, late.amount);
  stored::write_dispute_notice(out, late.dispute);
}

LateNotice read_late(ByteReader& in) {
  const FactKind kind = stored::read_enum(in, FactKind::dispute);
  std::string psp_key = in.sized_text(kMaxFactKey);
  const Money amount = stored::read_money(in);
  return {.kind = kind,
          .psp_key = std::move(psp_key),
          .amount = amount,
          .dispute = stored::read_dispute_notice(in)};
}

void shorten(std::string& text, std::size_t limit) {
  text.resize(std::min(text.size(), limit));
}

}  // namespace

std::string_view inbound_state_name(InboundState state) noexcept {
  switch (state) {
    case InboundState::applied:
      return "applied";
    case InboundState::known:
      return "known";
    case InboundState::hint:
      return "hint";
    case InboundState::parked:
      return "parked";
    case InboundState::differs:
      return "differs";
    case InboundState::closed:
      return "closed";
  }
  return "";
}

bool is_open(InboundState state) noexcept {
  return state == InboundState::parked || state == InboundState::differs;
}

Result<void> close(InboundFact& fact, std::string_view request, UnixNanos now) {
  if (!is_open(fact.state)) {
    return Error(Errc::state_conflict, "/parameters/notice", "the notice waits for nothing");
  }
  fact.state = InboundState::closed;
  fact.closed_by = std::string(request.substr(0, kMaxRequestNumber));
  fact.updated_at = now;
  return {};
}

Key16 content_digest(const InboundFact& fact) {
  ByteWriter out;
  out.sized_text(fact.key);
  out.sized_text(fact.type);
  out.sized_text(fact.reference);
  out.sized_text(fact.psp_reference);
  out.u8(fact.kind ? static_cast<std::uint8_t>(*fact.kind) : 0);
  write_outcome(out, fact.outcome);
  if (fact.late) write_late(out, *fact.late);
  const Hash32 whole = sha256(out.view());
  Key16 half{};
  std::copy_n(whole.begin(), half.size(), half.begin());
  return half;
}

void make_storable(InboundFact& fact) {
  shorten(fact.key, kMaxKey);
  shorten(fact.type, kMaxType);
  shorten(fact.reference, kMaxReference);
  shorten(fact.psp_reference, kMaxPspReference);
  shorten(fact.outcome.psp_reference, kMaxPspReference);
  shorten(fact.outcome.reference, kMaxReference);
  fact.outcome.evidence.clear();
  if (fact.outcome.decline) {
    shorten(fact.outcome.decline->code, kMaxDeclineCode);
    shorten(fact.outcome.decline->network_code, kMaxNetworkCode);
  }
  if (!fact.late) return;
  shorten(fact.late->psp_key, kMaxFactKey);
  if (!fact.late->dispute) return;
  shorten(fact.late->dispute->psp_dispute, kMaxFactKey);
  shorten(fact.late->dispute->reason, kMaxFactKey);
}

Stored encode(const InboundFact& fact) {
  ByteWriter immutable;
  immutable.u8(fact.late ? kLateFormat : kFormat);
  immutable.raw(fact.connector.value.view());
  immutable.sized_text(fact.key);
  immutable.sized_text(fact.type);
  immutable.i64(fact.happened_at);
  immutable.i64(fact.received_at);
  immutable.sized_text(fact.reference);
  immutable.sized_text(fact.psp_reference);
  immutable.u8(fact.kind ? static_cast<std::uint8_t>(*fact.kind) : 0);
  write_outcome(immutable, fact.outcome);
  if (fact.late) write_late(immutable, *fact.late);
  ByteWriter head;
  const bool is_closed = fact.state == InboundState::closed;
  head.u8(is_closed ? kClosedFormat : kFormat);
  head.u8(static_cast<std::uint8_t>(fact.state));
  head.raw(fact.operation.value.view());
  head.i64(fact.updated_at);
  if (is_closed) head.sized_text(fact.closed_by);
  return {std::move(immutable).take(), std::move(head).take()};
}

Result<InboundFact> decode_inbound_fact(const Uuid& id, std::uint64_t version, BytesView immutable,
                                        BytesView head) {
  const Error wrong(Errc::ledger_record_invalid, {}, {}, "stored notice");
  ByteReader fixed(immutable);
  InboundFact out{.id = {id}, .version = version};
  const std::uint8_t format = fixed.u8();
  const bool known = format == kFormat || format == kLateFormat;
  out.connector.value.bytes = fixed.array<16>();
  out.key = fixed.sized_text(kMaxKey);
  out.type = fixed.sized_text(kMaxType);
  out.happened_at = fixed.i64();
  out.received_at = fixed.i64();
  out.reference = fixed.sized_text(kMaxReference);
  out.psp_reference = fixed.sized_text(kMaxPspReference);
  const std::uint8_t kind = fixed.u8();
  if (!known || kind > kLastKind) return wrong;
  if (kind != 0) out.kind = static_cast<OperationKind>(kind);
  FLORIN_TRY(out.outcome, read_outcome(fixed));
  if (format == kLateFormat) out.late = read_late(fixed);
  ByteReader moving(head);
  const std::uint8_t head_format = moving.u8();
  const std::uint8_t state = moving.u8();
  out.state = static_cast<InboundState>(state);
  out.operation.value.bytes = moving.array<16>();
  out.updated_at = moving.i64();
  const bool is_closed = out.state == InboundState::closed;
  if (is_closed) out.closed_by = moving.sized_text(kMaxRequestNumber);
  if (head_format != (is_closed ? kClosedFormat : kFormat) || state == 0 ||
      inbound_state_name(out.state).empty() || !fixed.done() || !moving.done()) {
    return wrong;
  }
  return out;
}

}  // namespace florin::domain
