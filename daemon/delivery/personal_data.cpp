#include "daemon/delivery/personal_data.h"

#include "daemon/domain/codec.h"
#include "daemon/domain/kinds.h"
#include "daemon/domain/personal.h"
#include "daemon/domain/subject.h"

namespace florin::delivery {
namespace {

constexpr ledger::ObjectKind kPayment{static_cast<std::uint8_t>(domain::Kind::payment)};
constexpr ledger::ObjectKind kSubject{static_cast<std::uint8_t>(domain::Kind::subject)};

// The ledger's library is not here; its names for the modes are part of what was sealed.
std::string_view mode_of(const ledger::TenantLedger& ledger) {
  return ledger.mode == ledger::Mode::live ? "live" : "test";
}

Result<SubjectKey> key_of(const ledger::TenantLedger& ledger, const domain::SubjectId& id) {
  FLORIN_TRY(const auto row, ledger.books->object(kSubject, id.value));
  if (!row) return Error(Errc::ledger_mismatch, {}, {}, "a subject is missing");
  FLORIN_TRY(const domain::Subject subject,
             domain::decode_subject(row->id, row->version, row->immutable, row->head));
  if (subject.erased()) return SubjectKey{SubjectKeyState::destroyed, {}};
  if (ledger.subjects == nullptr) return SubjectKey{};
  return ledger.subjects->open(subject.slot);
}

}  // namespace

Result<Bytes> with_personal_data(const ledger::TenantLedger& ledger, const ledger::Event& event) {
  if (event.object_kind != kPayment) return event.data;
  FLORIN_TRY(const auto row, ledger.books->object(kPayment, event.object_id));
  if (!row) return event.data;
  FLORIN_TRY(domain::Payment payment,
             domain::decode_payment(row->id, row->version, row->immutable, row->head));
  if (!payment.terms.has_customer()) return event.data;
  const domain::FindSubjectKey find = [&ledger](const domain::SubjectId& id) {
    return key_of(ledger, id);
  };
  const domain::PersonalPlace place{
      .tenant = ledger.tenant, .mode = mode_of(ledger), .payment = payment.id};
  FLORIN_TRY_VOID(domain::reveal(payment.terms, place, find));
  return to_bytes(view_of(domain::put_personal(text_of(event.data), payment.terms)));
}

}  // namespace florin::delivery
