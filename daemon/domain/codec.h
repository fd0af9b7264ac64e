#pragma once
/// Stored form of the payment objects: an immutable part, written once, and a head of at most 512
/// bytes.
#include "daemon/domain/fact.h"
#include "daemon/domain/operation.h"
#include "daemon/domain/payment.h"
#include "daemon/domain/records.h"

namespace florin::domain {

Stored encode(const Payment& payment);
Stored encode(const Attempt& attempt);
Stored encode(const Operation& operation);
Stored encode(const Capture& capture);
Stored encode(const Refund& refund);
Stored encode(const Fact& fact);
Stored encode(const Dispute& dispute);

/// Errors: `ledger_record_invalid`.
Result<Payment> decode_payment(const Uuid& id, std::uint64_t version, BytesView immutable,
                               BytesView head);
Result<Attempt> decode_attempt(const Uuid& id, std::uint64_t version, BytesView immutable,
                               BytesView head);
Result<Operation> decode_operation(const Uuid& id, std::uint64_t version, BytesView immutable,
                                   BytesView head);
Result<Capture> decode_capture(const Uuid& id, std::uint64_t version, BytesView immutable,
                               BytesView head);
Result<Refund> decode_refund(const Uuid& id, std::uint64_t version, BytesView immutable,
                             BytesView head);
Result<Fact> decode_fact(const Uuid& id, std::uint64_t version, BytesView immutable,
                         BytesView head);
Result<Dispute> decode_dispute(const Uuid& id, std::uint64_t version, BytesView immutable,
                               BytesView head);

}  // namespace florin::domain
