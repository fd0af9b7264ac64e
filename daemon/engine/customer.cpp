#include "daemon/engine/customer.h"

#include "daemon/domain/kinds.h"
#include "daemon/domain/personal.h"
#include "daemon/engine/store.h"

namespace florin::engine {
namespace {

constexpr ledger::ObjectKind kSubject{static_cast<std::uint8_t>(domain::Kind::subject)};
constexpr ledger::UniqueTable kReferences{
    static_cast<std::uint8_t>(domain::Unique::subject_reference)};

Result<domain::Subject> load_subject(const ledger::Ledger& books, const Uuid& id) {
  FLORIN_TRY(const std::optional<ledger::ObjectRow> row, books.object(kSubject, id));
  if (!row) return Error(Errc::ledger_mismatch, {}, {}, "a subject is missing");
  return domain::decode_subject(row->id, row->version, row->immutable, row->head);
}

// What the books call erased is so, even before its key is gone or when a key came back.
Result<SubjectKey> key_of(const ledger::TenantLedger& ledger, const domain::SubjectId& id) {
  FLORIN_TRY(const domain::Subject subject, load_subject(*ledger.books, id.value));
  if (subject.erased()) return SubjectKey{SubjectKeyState::destroyed, {}};
  if (ledger.subjects == nullptr) return SubjectKey{};
  auto key = ledger.subjects->open(subject.slot);
  // A damaged key must not keep an outcome from being booked.
  if (!key.ok() && key.error().code() == Errc::decryption_failed) return SubjectKey{};
  return key;
}

domain::PersonalPlace place_of(const ledger::TenantLedger& ledger, const PaymentId& payment) {
  return {.tenant = ledger.tenant, .mode = ledger::mode_name(ledger.mode), .payment = payment};
}

// The subject that this key of a reference names, if any does.
Result<std::optional<domain::Subject>> subject_at(const Context& context, const Key16& reference) {
  FLORIN_TRY(const std::optional<ledger::UniqueRow> row,
             context.books().unique(kReferences, reference));
  if (!row) return std::optional<domain::Subject>();
  if (row->value.size() != 16) return Error(Errc::ledger_mismatch, {}, {}, "a subject's key");
  FLORIN_TRY(domain::Subject subject, load_subject(context.books(), Uuid::from(row->value)));
  return std::optional<domain::Subject>(subject);
}

}  // namespace

Result<Customer> customer_of(const Context& context, const MerchantId& merchant,
                             std::string_view reference, const Clock& clock, Entropy& entropy) {
  const auto& keys = context.ledger().subjects;
  if (keys == nullptr) return Error(Errc::hsm_unavailable, {}, {}, "no subject keys here");
  // Who was erased and comes back is another subject.
  for (std::uint32_t erasures = 0;; ++erasures) {
    Customer customer{.subject = {.merchant = merchant},
                      .reference = context.subject_reference(merchant, reference, erasures),
                      .key = {}};
    FLORIN_TRY(std::optional<domain::Subject> known, subject_at(context, customer.reference));
    customer.fresh = !known.has_value();
    if (known) {
      customer.subject = *known;
      if (customer.subject.erased()) continue;
    } else {
      customer.subject.id = {new_uuid(clock, entropy)};
      customer.subject.created_at = clock.now();
      FLORIN_TRY(customer.subject.slot, keys->take());
    }
    FLORIN_TRY(SubjectKey key, keys->open(customer.subject.slot));
    if (key.state == SubjectKeyState::present) {
      customer.key = std::move(key.key);
      return customer;
    }
    if (customer.fresh) return Error(Errc::hsm_unavailable, {}, {}, "a new subject key is missing");
  }
}

void seal_terms(const Context& context, const Customer& customer, const PaymentId& payment,
                Entropy& entropy, domain::PaymentTerms& terms) {
  AeadNonce nonce{};
  entropy.fill(nonce);
  terms.subject = customer.subject.id;
  terms.sealed_personal =
      domain::seal_personal(customer.key.view(), nonce, place_of(context.ledger(), payment), terms);
}

Result<bool> is_known(const Context& context, const Customer& customer) {
  FLORIN_TRY(const std::optional<domain::Subject> known, subject_at(context, customer.reference));
  return known.has_value();
}

void add_subject(const Customer& customer, ledger::Command& entry) {
  if (!customer.fresh) return;
  domain::Stored stored = domain::encode(customer.subject);
  ledger::ObjectWrite write{.kind = kSubject,
                            .id = customer.subject.id.value,
                            .expected_version = 0,
                            .head = std::move(stored.head)};
  write.immutable = std::move(stored.immutable);
  entry.objects.push_back(std::move(write));
  entry.uniques.push_back({.table = kReferences,
                           .key = customer.reference,
                           .value = to_bytes(customer.subject.id.value.view())});
}

Result<domain::Subject> find_subject(const Context& context, const MerchantId& merchant,
                                     std::string_view reference) {
  std::optional<domain::Subject> last;
  for (std::uint32_t erasures = 0;; ++erasures) {
    FLORIN_TRY(std::optional<domain::Subject> known,
               subject_at(context, context.subject_reference(merchant, reference, erasures)));
    if (known && !known->erased()) return *known;
    if (!known && last) return *last;
    if (!known) return Error(Errc::not_found, "customer_reference", "there is no such customer");
    last = known;
  }
}

Result<void> reveal(const ledger::TenantLedger& ledger, domain::Payment& payment) {
  const domain::FindSubjectKey find = [&ledger](const domain::SubjectId& subject) {
    return key_of(ledger, subject);
  };
  return domain::reveal(payment.terms, place_of(ledger, payment.id), find);
}

Result<std::string> shown_now(const Context& context, const PaymentId& payment,
                              std::string stored) {
  const Result<domain::Payment> found = load_payment(context, payment);
  if (!found.ok()) {
    // An answer about something else.
    if (found.error().code() == Errc::not_found) return stored;
    return found.error();
  }
  if (!found->terms.has_customer()) return stored;
  return domain::put_personal(stored, found->terms);
}

}  // namespace florin::engine
