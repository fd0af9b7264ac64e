#include "daemon/domain/codec.h"
#include "daemon/domain/stored_values.h"

namespace florin::domain {
namespace {
using stored::begin;
using stored::invalid;
using stored::kFormat;
using stored::read_currency;
using stored::read_dispute_notice;
using stored::read_enum;
using stored::read_money;
using stored::write_dispute_notice;
using stored::write_money;

// Of a dispute's immutable part, when the payment is of a branch.
constexpr std::uint8_t kFormatOfBranch = 2;

}  // namespace

Stored encode(const Fact& fact) {
  ByteWriter fixed;
  fixed.u8(kFormat);
  fixed.u8(static_cast<std::uint8_t>(fact.kind));
  fixed.raw(fact.payment.value.view());
  fixed.raw(fact.connector.value.view());
  fixed.raw(fact.subject.view());
  write_money(fixed, fact.amount);
  fixed.sized_text(fact.psp_key);
  fixed.i64(fact.told_at);
  fixed.i64(fact.recorded_at);
  write_dispute_notice(fixed, fact.dispute);
  ByteWriter head;
  head.u8(kFormat);
  return {std::move(fixed).take(), std::move(head).take()};
}

Result<Fact> decode_fact(const Uuid& id, std::uint64_t version, BytesView immutable,
                         BytesView head) {
  ByteReader fixed(immutable);
  begin(fixed);
  const FactKind kind = read_enum(fixed, FactKind::dispute);
  const PaymentId payment{{fixed.array<16>()}};
  const ConnectorId connector{{fixed.array<16>()}};
  const Uuid subject{fixed.array<16>()};
  Fact fact{.id = id,
            .version = version,
            .kind = kind,
            .payment = payment,
            .connector = connector,
            .subject = subject,
            .amount = read_money(fixed)};
  fact.psp_key = fixed.sized_text(kMaxFactKey);
  fact.told_at = fixed.i64();
  fact.recorded_at = fixed.i64();
  fact.dispute = read_dispute_notice(fixed);
  ByteReader moving(head);
  begin(moving);
  if (!fixed.done() || !moving.done()) return invalid("fact");
  return fact;
}

Stored encode(const Dispute& dispute) {
  ByteWriter fixed;
  const bool of_branch = !dispute.branch.value.is_nil();
  fixed.u8(of_branch ? kFormatOfBranch : kFormat);
  if (of_branch) fixed.raw(dispute.branch.value.view());
  fixed.raw(dispute.payment.value.view());
  fixed.raw(dispute.merchant.value.view());
  fixed.raw(dispute.connector.value.view());
  fixed.sized_text(dispute.psp_dispute);
  fixed.u16(dispute.currency.number());
  fixed.i64(dispute.created_at);
  ByteWriter head;
  head.u8(kFormat);
  head.u8(static_cast<std::uint8_t>(dispute.stage));
  head.u8(static_cast<std::uint8_t>(dispute.status));
  head.i64(dispute.told_at);
  head.i64(dispute.amount);
  head.sized_text(dispute.reason);
  head.i64(dispute.respond_by);
  head.i64(dispute.taken);
  head.i64(dispute.lost);
  head.u16(dispute.facts);
  head.i64(dispute.updated_at);
  return {std::move(fixed).take(), std::move(head).take()};
}

Result<Dispute> decode_dispute(const Uuid& id, std::uint64_t version, BytesView immutable,
                               BytesView head) {
  ByteReader fixed(immutable);
  const std::uint8_t format = fixed.u8();
  if (format != kFormat && format != kFormatOfBranch) fixed.fail();
  const bool of_branch = format == kFormatOfBranch;
  const MerchantId branch{of_branch ? Uuid{fixed.array<16>()} : Uuid{}};
  if (of_branch && branch.value.is_nil()) fixed.fail();  // one meaning has one form
  const PaymentId payment{{fixed.array<16>()}};
  const MerchantId merchant{{fixed.array<16>()}};
  const ConnectorId connector{{fixed.array<16>()}};
  std::string psp_dispute = fixed.sized_text(kMaxFactKey);
  Dispute dispute{.id = {id},
                  .version = version,
                  .payment = payment,
                  .merchant = merchant,
                  .branch = branch,
                  .connector = connector,
                  .psp_dispute = std::move(psp_dispute),
                  .currency = read_currency(fixed)};
  dispute.created_at = fixed.i64();
  ByteReader moving(head);
  begin(moving);
  dispute.stage = read_enum(moving, DisputeStage::arbitration);
  dispute.status = read_enum(moving, DisputeStatus::withdrawn);
  dispute.told_at = moving.i64();
  dispute.amount = moving.i64();
  dispute.reason = moving.sized_text(kMaxFactKey);
  dispute.respond_by = moving.i64();
  dispute.taken = moving.i64();
  dispute.lost = moving.i64();
  dispute.facts = moving.u16();
  dispute.updated_at = moving.i64();
  if (!fixed.done() || !moving.done()) return invalid("dispute");
  return dispute;
}

}  // namespace florin::domain
