#pragma once
/// Customers of merchants: which data subject a reference names, and the personal fields of his
/// payments.
#include <optional>

#include "base/entropy.h"
#include "daemon/domain/subject.h"
#include "daemon/engine/context.h"

namespace florin::engine {

/// The data subject of a payment that is about to be made.
struct Customer {
  domain::Subject subject;
  Key16 reference{};  ///< unique key of the reference
  Secret key;
  bool fresh = false;  ///< comes to be in the payment's entry
};

/// The subject that the reference names, or a new one with the next key: the first payment of a
/// customer, or the first after he was erased. Errors: `hsm_unavailable` when no key is ready.
Result<Customer> customer_of(const Context& context, const MerchantId& merchant,
                             std::string_view reference, const Clock& clock, Entropy& entropy);
/// Seals the personal fields of the terms for this payment.
void seal_terms(const Context& context, const Customer& customer, const PaymentId& payment,
                Entropy& entropy, domain::PaymentTerms& terms);
/// True when reads show a subject under the customer's reference.
Result<bool> is_known(const Context& context, const Customer& customer);
/// Adds a subject that is new to the entry of its first payment.
void add_subject(const Customer& customer, ledger::Command& entry);

/// The first subject of the reference that is not erased, else the last one that is. Error:
/// `not_found`.
Result<domain::Subject> find_subject(const Context& context, const MerchantId& merchant,
                                     std::string_view reference);

/// Opens the personal fields as far as the customer's key is there. Errors: those of the ledger.
Result<void> reveal(const ledger::TenantLedger& ledger, domain::Payment& payment);
/// A stored answer about a payment as it is shown now.
Result<std::string> shown_now(const Context& context, const PaymentId& payment, std::string stored);

}  // namespace florin::engine
