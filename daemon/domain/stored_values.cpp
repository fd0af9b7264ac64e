#include "daemon/domain/stored_values.h"

namespace florin::domain::stored {

Error invalid(std::string_view what) {
  return Error(Errc::ledger_record_invalid, {}, {}, "stored " + std::string(what));
}

void write_money(ByteWriter& out, const Money& money) {
  out.u16(money.currency().number());
  out.i64(money.minor());
}

Currency read_currency(ByteReader& in) {
  static const Currency fallback = *Currency::parse("EUR");
  const auto currency = Currency::from_number(in.u16());
  if (!currency.ok()) in.fail();
  return currency.ok() ? *currency : fallback;
}

Money read_money(ByteReader& in) {
  const Currency currency = read_currency(in);
  const auto money = Money::make(in.i64(), currency);
  if (!money.ok()) {
    in.fail();
    return Money::zero(currency);
  }
  return *money;
}

void write_decline(ByteWriter& out, const std::optional<Decline>& decline) {
  out.u8(decline ? static_cast<std::uint8_t>(decline->category) : 0);
  if (!decline) return;
  out.sized_text(decline->code);
  out.sized_text(decline->network_code);
}

std::optional<Decline> read_decline(ByteReader& in) {
  const std::uint8_t category = in.u8();
  if (category == 0) return std::nullopt;
  if (category > static_cast<std::uint8_t>(DeclineCategory::technical)) in.fail();
  Decline decline{
      .category = static_cast<DeclineCategory>(category), .code = {}, .network_code = {}};
  decline.code = in.sized_text(64);
  decline.network_code = in.sized_text(64);
  return decline;
}

void write_dispute_notice(ByteWriter& out, const std::optional<DisputeNotice>& notice) {
  out.u8(notice ? 1 : 0);
  if (!notice) return;
  out.sized_text(notice->psp_dispute);
  out.u8(static_cast<std::uint8_t>(notice->stage));
  out.u8(static_cast<std::uint8_t>(notice->status));
  out.sized_text(notice->reason);
  out.i64(notice->respond_by);
}

std::optional<DisputeNotice> read_dispute_notice(ByteReader& in) {
  if (!read_flag(in)) return std::nullopt;
  DisputeNotice notice;
  notice.psp_dispute = in.sized_text(kMaxFactKey);
  notice.stage = read_enum(in, DisputeStage::arbitration);
  notice.status = read_enum(in, DisputeStatus::withdrawn);
  notice.reason = in.sized_text(kMaxFactKey);
  notice.respond_by = in.i64();
  return notice;
}

bool read_flag(ByteReader& in) {
  const std::uint8_t value = in.u8();
  if (value > 1) in.fail();
  return value == 1;
}

void begin(ByteReader& in) {
  if (in.u8() != kFormat) in.fail();
}

std::uint8_t begin_head(ByteReader& in) {
  const std::uint8_t format = in.u8();
  if (format != kFormat && format != kHeadFormat) in.fail();
  return format;
}

void write_said(ByteWriter& out, const std::optional<Said>& said) {
  out.u8(said ? 1 : 0);
  if (!said) return;
  out.u8(said->amount ? 1 : 0);
  if (said->amount) write_money(out, *said->amount);
  out.sized_text(said->reference);
  out.sized_text(said->psp_reference);
}

std::optional<Said> read_said(ByteReader& in) {
  if (!read_flag(in)) return std::nullopt;
  Said said;
  if (read_flag(in)) said.amount = read_money(in);
  said.reference = in.sized_text(kMaxPspReference);
  said.psp_reference = in.sized_text(kMaxPspReference);
  return said;
}

void write_decided(ByteWriter& out, const std::optional<Decided>& decided) {
  out.u8(decided ? static_cast<std::uint8_t>(decided->verdict) : 0);
  if (!decided) return;
  out.raw(decided->evidence);
  out.sized_text(decided->request);
}

std::optional<Decided> read_decided(ByteReader& in) {
  const std::uint8_t verdict = in.u8();
  if (verdict == 0) return std::nullopt;
  if (verdict > static_cast<std::uint8_t>(Verdict::not_executed)) in.fail();
  Decided decided{.verdict = static_cast<Verdict>(verdict)};
  decided.evidence = in.array<32>();
  decided.request = in.sized_text(kMaxRequestNumber);
  return decided;
}

OperationState read_live_state(ByteReader& in, std::uint8_t format) {
  if (format == kFormat) {
    return read_flag(in) ? OperationState::unknown : OperationState::dispatched;
  }
  const OperationState state = read_enum(in, OperationState::review);
  if (has_ended(state)) in.fail();
  return state;
}

}  // namespace florin::domain::stored
