#include "daemon/control/subject_records.h"

#include "base/hash.h"
#include "daemon/domain/codec.h"
#include "daemon/domain/kinds.h"

namespace florin::control {
namespace {

constexpr std::size_t kPage = 1'000;

ledger::IndexNumber number_of(domain::Index index) {
  return static_cast<ledger::IndexNumber>(index);
}
ledger::ObjectKind kind_of(domain::Kind kind) {
  return static_cast<ledger::ObjectKind>(kind);
}

Result<std::uint64_t> slot_of(const Bytes& key) {
  ByteReader in(key);
  const std::uint64_t slot = in.u64_be();
  if (!in.done()) return Error(Errc::ledger_mismatch, {}, {}, "an index row of a subject");
  return slot;
}

// Calls `visit` for every row of an index until it fails.
template <class Visit>
Result<void> each_row(const ledger::Ledger& books, domain::Index index, Visit visit) {
  std::optional<Bytes> cursor;
  for (;;) {
    FLORIN_TRY(const ledger::IndexPage page,
               books.index(number_of(index), {}, cursor, kPage, false));
    for (const auto& row : page.rows) {
      cursor = row.key;
      FLORIN_TRY_VOID(visit(row));
    }
    if (!page.more) return {};
  }
}

}  // namespace

vault::SubjectBooks subject_books_of(const ledger::TenantLedger& ledger) {
  return {ledger.tenant, ledger.mode == ledger::Mode::live ? vault::Purpose::subjects_live
                                                           : vault::Purpose::subjects_test};
}

Uuid life_of(const ledger::Ledger& books) {
  const Hash32 whole = sha256({view_of("subject-pools/1"), view_of(books.options().origin)});
  return Uuid::from(BytesView(whole).first(16));
}

Result<std::uint64_t> next_slot(const ledger::Ledger& books) {
  FLORIN_TRY(const ledger::IndexPage page,
             books.index(number_of(domain::Index::subjects_by_slot), {}, std::nullopt, 1, true));
  if (page.rows.empty()) return std::uint64_t{0};
  FLORIN_TRY(const std::uint64_t highest, slot_of(page.rows.front().key));
  return highest + 1;
}

Result<domain::Subject> subject_of(const ledger::Ledger& books, const domain::SubjectId& id) {
  FLORIN_TRY(const auto row, books.object(kind_of(domain::Kind::subject), id.value));
  if (!row) return Error(Errc::not_found, "/parameters/subject", "there is no such subject");
  return domain::decode_subject(row->id, row->version, row->immutable, row->head);
}

Result<std::vector<std::uint64_t>> erased_slots(const ledger::Ledger& books) {
  std::vector<std::uint64_t> slots;
  FLORIN_TRY_VOID(each_row(books, domain::Index::erased_subjects,
                           [&slots](const ledger::IndexPage::Row& row) -> Result<void> {
                             FLORIN_TRY(const std::uint64_t slot, slot_of(row.key));
                             slots.push_back(slot);
                             return {};
                           }));
  return slots;
}

Result<void> check_settled(const ledger::Ledger& books, const domain::SubjectId& id) {
  return each_row(
      books, domain::Index::unresolved_operations,
      [&](const ledger::IndexPage::Row& found) -> Result<void> {
        FLORIN_TRY(const auto row, books.object(kind_of(domain::Kind::operation), found.id));
        if (!row) return {};
        FLORIN_TRY(const domain::Operation operation,
                   domain::decode_operation(row->id, row->version, row->immutable, row->head));
        FLORIN_TRY(const auto stored,
                   books.object(kind_of(domain::Kind::payment), operation.payment.value));
        if (!stored) return {};
        FLORIN_TRY(
            const domain::Payment payment,
            domain::decode_payment(stored->id, stored->version, stored->immutable, stored->head));
        if (payment.terms.subject != id) return {};
        return Error(Errc::state_conflict, "/parameters/subject",
                     "the outcome of payment " + payment.id.text() +
                         " is open: what asks for it may need what would be erased");
      });
}

}  // namespace florin::control
