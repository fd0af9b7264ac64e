#pragma once
/// Numbers under which the ledger keeps our objects, unique keys and indexes. Never renumbered.
/// They are plain numbers here because the domain does not know the ledger; engine and control cast
/// them.
#include <cstdint>

namespace florin::domain {

/// Objects of a tenant ledger.
enum class Kind : std::uint8_t {
  merchant = 1,
  credential = 2,
  connector = 3,
  endpoint = 4,
  payment = 5,
  attempt = 6,
  operation = 7,
  capture = 8,
  refund = 9,
  subject = 10,
  fact = 11,
  dispute = 12,
  notice_channel = 15,  ///< under the connector's identifier
  inbound_fact = 16,    ///< what a PSP said unasked
  // Objects of the system ledger.
  tenant = 32,
  person = 33,
  request = 34,          ///< of two-person control
  request_vote = 35,     ///< an approval or a rejection, as signed
  request_outcome = 36,  ///< what the execution answered
};

/// Keys that may exist only once.
enum class Unique : std::uint8_t {
  nonce = 1,  ///< of a signed write request
  merchant_name = 2,
  connector_name = 3,
  merchant_reference = 4,
  subject_reference = 5,  ///< of a merchant for a customer, with the number of his erasures
  psp_fact = 6,           ///< what an acquirer told after the fact is booked once
  psp_dispute = 7,        ///< connector and its name for the dispute; the value is ours
  inbound_fact = 10,      ///< connector and the PSP's name of the fact
  tenant_name = 32,
  person_key = 33,      ///< a key is bound once, for ever
  request_number = 34,  ///< R-0042
};

enum class Index : std::uint8_t {
  payments_of_merchant = 1,        ///< merchant or branch id, payment id
  captures_of_payment = 2,         ///< payment id, capture id
  refunds_of_payment = 3,          ///< payment id, refund id
  unresolved_operations = 4,       ///< operation id; only dispatched and unknown ones
  credentials_of_merchant = 5,     ///< merchant id, credential id
  endpoints_of_merchant = 6,       ///< merchant id, endpoint id
  subjects_by_slot = 7,            ///< slot
  erased_subjects = 8,             ///< slot
  facts_of_payment = 9,            ///< payment id, fact id
  disputes_of_merchant = 10,       ///< merchant or branch id, dispute id
  due_cancellations = 11,          ///< payment id; only payments that wait for one
  open_inbound_facts = 12,         ///< fact id; only those that wait for something
  attempts_by_psp_reference = 13,  ///< connector id, digest of the reference, attempt id
  parked_by_psp_reference = 14,    ///< connector id, digest of the reference, fact id
  operations_of_attempt = 15,      ///< attempt id, operation id
  ending_payments = 20,            ///< when the next step is due, payment id
  closed_inbound_facts = 21,       ///< fact id
  branches_of_merchant = 22,       ///< merchant id, branch id
};

}  // namespace florin::domain
