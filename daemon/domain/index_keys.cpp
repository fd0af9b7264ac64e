#include "daemon/domain/index_keys.h"

#include "base/hash.h"
#include "daemon/domain/codec.h"
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

std::vector<IndexKey> keys_of(const InboundFact& fact) {
  std::vector<IndexKey> out;
  if (!is_open(fact.state)) return out;
  out.push_back({Index::open_inbound_facts, to_bytes(fact.id.value.view())});
  if (fact.state == InboundState::parked && !fact.psp_reference.empty()) {
    out.push_back({Index::parked_by_psp_reference,
                   reference_row(fact.connector.value, fact.psp_reference, fact.id.value)});
  }
  return out;
}

}  // namespace

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
      if (const auto payment = decode_payment(id, 0, immutable, head); payment.ok()) {
        std::vector<IndexKey> out =
            one(Index::payments_of_merchant, owned_key(payment->terms.merchant.value, id));
        if (payment->cancel == CancelState::due) {
          out.push_back({Index::due_cancellations, to_bytes(id.view())});
        }
        return out;
      }
      return {};
    case Kind::capture:
      if (const auto capture = decode_capture(id, 0, immutable, head); capture.ok()) {
        return one(Index::captures_of_payment, owned_key(capture->payment.value, id));
      }
      return {};
    case Kind::refund:
      if (const auto refund = decode_refund(id, 0, immutable, head); refund.ok()) {
        return one(Index::refunds_of_payment, owned_key(refund->payment.value, id));
      }
      return {};
    case Kind::fact:
      if (const auto fact = decode_fact(id, 0, immutable, head); fact.ok()) {
        return one(Index::facts_of_payment, owned_key(fact->payment.value, id));
      }
      return {};
    case Kind::dispute:
      if (const auto dispute = decode_dispute(id, 0, immutable, head); dispute.ok()) {
        return one(Index::disputes_of_merchant, owned_key(dispute->merchant.value, id));
      }
      return {};
    case Kind::operation:
      if (const auto operation = decode_operation(id, 0, immutable, head); operation.ok()) {
        std::vector<IndexKey> out =
            one(Index::operations_of_attempt, owned_key(operation->attempt.value, id));
        if (!has_ended(operation->state)) {
          out.push_back({Index::unresolved_operations, to_bytes(id.view())});
        }
        return out;
      }
      return {};
    case Kind::attempt:
      if (const auto attempt = decode_attempt(id, 0, immutable, head);
          attempt.ok() && !attempt->psp_reference.empty()) {
        return one(Index::attempts_by_psp_reference,
                   reference_row(attempt->connector.value, attempt->psp_reference, id));
      }
      return {};
    case Kind::inbound_fact:
      if (const auto fact = decode_inbound_fact(id, 0, immutable, head); fact.ok()) {
        return keys_of(*fact);
      }
      return {};
    case Kind::credential:
      if (const auto credential = decode_credential(id, immutable, head); credential.ok()) {
        return one(Index::credentials_of_merchant, owned_key(credential->merchant.value, id));
      }
      return {};
    case Kind::endpoint:
      if (const auto endpoint = decode_endpoint(id, immutable, head); endpoint.ok()) {
        return one(Index::endpoints_of_merchant, owned_key(endpoint->merchant.value, id));
      }
      return {};
    case Kind::subject:
      if (const auto subject = decode_subject(id, 0, immutable, head); subject.ok()) {
        std::vector<IndexKey> out = one(Index::subjects_by_slot, slot_key(subject->slot));
        if (subject->erased()) out.push_back({Index::erased_subjects, slot_key(subject->slot)});
        return out;
      }
      return {};
    case Kind::merchant:
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
