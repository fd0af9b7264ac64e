#include "daemon/domain/index_keys.h"

#include "daemon/domain/codec.h"
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

}  // namespace

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
      if (const auto operation = decode_operation(id, 0, immutable, head);
          operation.ok() && !has_ended(operation->state)) {
        return one(Index::unresolved_operations, to_bytes(id.view()));
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
    case Kind::attempt:
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
