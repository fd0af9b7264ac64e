#include "daemon/domain/index_keys.h"

#include <algorithm>

#include "base/hash.h"
#include "daemon/domain/codec.h"
#include "daemon/domain/expiry.h"
#include "daemon/domain/inbound_fact.h"
#include "daemon/domain/records.h"
#include "daemon/domain/subject.h"

namespace florin::domain {
namespace {

std::vector<IndexKey> one(Index index, Bytes key) {
  std::vector<IndexKey> out;
  out.push_back({index, std::move(key)});
  return out;
}

Bytes slot_key(std::uint64_t slot) {
  ByteWriter out;
  out.u64_be(slot);
  return std::move(out).take();
}

Bytes reference_row(const Uuid& connector, std::string_view psp_reference, const Uuid& id) {
  ByteWriter out;
  out.raw(reference_key(connector, psp_reference));
  out.raw(id.view());
  return std::move(out).take();
}

using Keys = std::vector<IndexKey>;

Keys keys_of(const Payment& payment, const Uuid& id) {
  Keys out = one(Index::payments_of_merchant, owned_key(payment.terms.merchant.value, id));
  if (payment.terms.has_branch()) {
    out.push_back({Index::payments_of_merchant, owned_key(payment.terms.branch.value, id)});
  }
  if (payment.cancel == CancelState::due) {
    out.push_back({Index::due_cancellations, to_bytes(id.view())});
  }
  if (const auto due = expiry_due(payment)) {
    ByteWriter key;
    key.raw(due_key(*due));
    key.raw(id.view());
    out.push_back({Index::ending_payments, std::move(key).take()});
  }
  return out;
}

Keys keys_of(const Capture& capture, const Uuid& id) {
  return one(Index::captures_of_payment, owned_key(capture.payment.value, id));
}

Keys keys_of(const Refund& refund, const Uuid& id) {
  return one(Index::refunds_of_payment, owned_key(refund.payment.value, id));
}

Keys keys_of(const Fact& fact, const Uuid& id) {
  return one(Index::facts_of_payment, owned_key(fact.payment.value, id));
}

Keys keys_of(const Dispute& dispute, const Uuid& id) {
  Keys out = one(Index::disputes_of_merchant, owned_key(dispute.merchant.value, id));
  if (!dispute.branch.value.is_nil()) {
    out.push_back({Index::disputes_of_merchant, owned_key(dispute.branch.value, id)});
  }
  return out;
}

Keys keys_of(const Operation& operation, const Uuid& id) {
  Keys out = one(Index::operations_of_attempt, owned_key(operation.attempt.value, id));
  if (!has_ended(operation.state)) {
    out.push_back({Index::unresolved_operations, to_bytes(id.view())});
  }
  return out;
}

Keys keys_of(const Attempt& attempt, const Uuid& id) {
  if (attempt.psp_reference.empty()) return {};
  return one(Index::attempts_by_psp_reference,
             reference_row(attempt.connector.value, attempt.psp_reference, id));
}

Keys keys_of(const InboundFact& fact, const Uuid& id) {
  if (fact.state == InboundState::closed) {
    return one(Index::closed_inbound_facts, to_bytes(id.view()));
  }
  if (!is_open(fact.state)) return {};
  Keys out = one(Index::open_inbound_facts, to_bytes(id.view()));
  if (fact.state == InboundState::parked && !fact.psp_reference.empty()) {
    out.push_back({Index::parked_by_psp_reference,
                   reference_row(fact.connector.value, fact.psp_reference, id)});
  }
  return out;
}

Keys keys_of(const Merchant& merchant, const Uuid& id) {
  if (!merchant.is_branch()) return {};
  return one(Index::branches_of_merchant, owned_key(merchant.parent.value, id));
}

Keys keys_of(const Credential& credential, const Uuid& id) {
  return one(Index::credentials_of_merchant, owned_key(credential.merchant.value, id));
}

Keys keys_of(const Endpoint& endpoint, const Uuid& id) {
  return one(Index::endpoints_of_merchant, owned_key(endpoint.merchant.value, id));
}

Keys keys_of(const Subject& subject, const Uuid& /*id*/) {
  Keys out = one(Index::subjects_by_slot, slot_key(subject.slot));
  if (subject.erased()) out.push_back({Index::erased_subjects, slot_key(subject.slot)});
  return out;
}

template <class T>
Keys keys_or_none(const Result<T>& object, const Uuid& id) {
  return object.ok() ? keys_of(*object, id) : Keys{};
}

}  // namespace

Bytes due_key(std::int64_t due_ns) {
  ByteWriter out;
  out.u64_be(static_cast<std::uint64_t>(std::max<std::int64_t>(0, due_ns)));
  return std::move(out).take();
}

Bytes reference_key(const Uuid& connector, std::string_view psp_reference) {
  const Hash32 digest = sha256(view_of(psp_reference));
  ByteWriter out;
  out.raw(connector.view());
  out.raw(BytesView(digest).first(16));
  return std::move(out).take();
}

Bytes owned_key(const Uuid& owner, const Uuid& id) {
  ByteWriter out;
  out.raw(owner.view());
  out.raw(id.view());
  return std::move(out).take();
}

std::vector<IndexKey> index_keys(Kind kind, const Uuid& id, BytesView immutable, BytesView head) {
  switch (kind) {
    case Kind::payment:
      return keys_or_none(decode_payment(id, 0, immutable, head), id);
    case Kind::capture:
      return keys_or_none(decode_capture(id, 0, immutable, head), id);
    case Kind::refund:
      return keys_or_none(decode_refund(id, 0, immutable, head), id);
    case Kind::fact:
      return keys_or_none(decode_fact(id, 0, immutable, head), id);
    case Kind::dispute:
      return keys_or_none(decode_dispute(id, 0, immutable, head), id);
    case Kind::operation:
      return keys_or_none(decode_operation(id, 0, immutable, head), id);
    case Kind::attempt:
      return keys_or_none(decode_attempt(id, 0, immutable, head), id);
    case Kind::inbound_fact:
      return keys_or_none(decode_inbound_fact(id, 0, immutable, head), id);
    case Kind::credential:
      return keys_or_none(decode_credential(id, immutable, head), id);
    case Kind::endpoint:
      return keys_or_none(decode_endpoint(id, immutable, head), id);
    case Kind::subject:
      return keys_or_none(decode_subject(id, 0, immutable, head), id);
    case Kind::merchant:
      return keys_or_none(decode_merchant(id, immutable, head), id);
    case Kind::connector:
    case Kind::notice_channel:
    case Kind::tenant:
    case Kind::person:
    case Kind::request:
    case Kind::request_vote:
    case Kind::request_outcome:
      return {};
  }
  return {};
}

}  // namespace florin::domain
