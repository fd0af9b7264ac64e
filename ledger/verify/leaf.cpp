#include "ledger/verify/leaf.h"

#include "ledger/verify/leaf_layout.h"

namespace florin::verify {
namespace {

void begin_tlv(ByteWriter& out, Tag tag, std::size_t length) {
  out.u16(static_cast<std::uint16_t>(tag));
  out.u16(static_cast<std::uint16_t>(length));
}
void begin_tlv(ByteWriter& out, Tag tag) {
  begin_tlv(out, tag, value_bytes(tag));
}

void write_posting(ByteWriter& out, const Posting& posting) {
  out.u64(posting.account);
  out.u64(posting.amount);
  out.u16(posting.asset);
  out.u8(static_cast<std::uint8_t>(posting.side));
  out.u8(static_cast<std::uint8_t>(posting.layer));
  out.u32(0);
  out.raw(posting.party.view());
  out.u64(posting.previous);
  out.u64(static_cast<std::uint64_t>(posting.total));
  out.u64(static_cast<std::uint64_t>(posting.total >> 64U));
}

void write(ByteWriter& out, const AccountOpening& opening) {
  begin_tlv(out, Tag::account_opened);
  out.u64(opening.number);
  out.u16(opening.code);
  out.u16(opening.asset);
  out.u8(opening.exponent);
  out.raw(ByteArray<3>{});
  out.raw(opening.owner.view());
  out.u64(opening.parent);
}

void write(ByteWriter& out, const HoldChange& change) {
  begin_tlv(out, Tag::hold);
  out.raw(change.hold.view());
  out.u8(static_cast<std::uint8_t>(change.operation));
  out.u8(change.takes_back ? 1 : 0);
  out.u16(change.asset);
  out.u32(0);
  out.u64(change.amount);
  out.i64(change.expires_at);
}

void write(ByteWriter& out, const Actor& actor) {
  begin_tlv(out, Tag::actor);
  out.u8(static_cast<std::uint8_t>(actor.kind));
  out.raw(actor.id.view());
}

void write(ByteWriter& out, const AccountFlags& change) {
  begin_tlv(out, Tag::account_flags);
  out.u64(change.account);
  out.u32(change.flags);
  out.u32(0);
}

void write(ByteWriter& out, const Redirection& redirection) {
  begin_tlv(out, Tag::redirection);
  out.u8(redirection.posting);
  out.u8(static_cast<std::uint8_t>(redirection.reason));
  out.raw(ByteArray<6>{});
  out.u64(redirection.account);
}

void write(ByteWriter& out, const ReversedEntry& reversed) {
  begin_tlv(out, Tag::reverses);
  out.u64(reversed.seq);
  out.raw(reversed.entry_id.view());
}

void write(ByteWriter& out, const Approval& approval) {
  begin_tlv(out, Tag::approval);
  out.raw(approval.person.view());
  out.raw(approval.request);
}

void write(ByteWriter& out, const Recovery& recovery) {
  begin_tlv(out, Tag::recovery);
  out.u8(static_cast<std::uint8_t>(recovery.step));
  out.raw(ByteArray<7>{});
  out.u64(recovery.signed_size);
  out.raw(recovery.signed_root);
}

void write_tlvs(ByteWriter& out, const Leaf& leaf) {
  for (const AccountOpening& opening : leaf.openings) write(out, opening);
  for (const HoldChange& change : leaf.holds) write(out, change);
  if (leaf.actor) write(out, *leaf.actor);
  if (leaf.flags != 0) {
    begin_tlv(out, Tag::flags);
    out.u32(leaf.flags);
  }
  if (!leaf.note.empty()) {
    begin_tlv(out, Tag::note, leaf.note.size());
    out.raw(view_of(leaf.note));
  }
  for (const AccountFlags& change : leaf.account_flags) write(out, change);
  for (const Redirection& redirection : leaf.redirections) write(out, redirection);
  if (leaf.meant_day) {
    begin_tlv(out, Tag::meant_day);
    out.u32(static_cast<std::uint32_t>(*leaf.meant_day));
  }
  if (leaf.reverses) write(out, *leaf.reverses);
  for (const Approval& approval : leaf.approvals) write(out, approval);
  if (leaf.lock_through) {
    begin_tlv(out, Tag::lock);
    out.u32(static_cast<std::uint32_t>(*leaf.lock_through));
  }
  if (leaf.clock) {
    begin_tlv(out, Tag::clock);
    out.i64(*leaf.clock);
  }
  if (leaf.recovery) write(out, *leaf.recovery);
}

std::size_t tlv_count(const Leaf& leaf) {
  const bool once[] = {leaf.actor.has_value(),    leaf.flags != 0,
                       !leaf.note.empty(),        leaf.meant_day.has_value(),
                       leaf.reverses.has_value(), leaf.lock_through.has_value(),
                       leaf.clock.has_value(),    leaf.recovery.has_value()};
  std::size_t count = leaf.openings.size() + leaf.holds.size() + leaf.account_flags.size() +
                      leaf.redirections.size() + leaf.approvals.size();
  for (const bool there : once) count += there ? 1U : 0U;
  return count;
}

}  // namespace

Bytes encode_leaf(const Leaf& leaf) {
  FLORIN_ASSERT(leaf.postings.size() <= kMaxPostings && tlv_count(leaf) <= kMaxTlvs);
  ByteWriter tail;
  for (const Posting& posting : leaf.postings) write_posting(tail, posting);
  write_tlvs(tail, leaf);
  ByteWriter out;
  out.raw(view_of("FL"));
  out.u8(1);
  out.u8(leaf.type);
  out.u32(static_cast<std::uint32_t>(kHeaderBytes + tail.size()));
  out.u64(leaf.seq);
  out.raw(leaf.tenant.view());
  out.u8(static_cast<std::uint8_t>(leaf.mode));
  out.u8(static_cast<std::uint8_t>(leaf.origin));
  out.u8(static_cast<std::uint8_t>(leaf.postings.size()));
  out.u8(static_cast<std::uint8_t>(tlv_count(leaf)));
  out.u32(static_cast<std::uint32_t>(leaf.effective_day));
  out.i64(leaf.booked_at);
  out.raw(leaf.entry_id.view());
  out.raw(leaf.subject.view());
  out.raw(leaf.previous_leaf);
  out.raw(leaf.body_commitment);
  out.raw(leaf.fingerprint);
  out.raw(tail.view());
  return std::move(out).take();
}

}  // namespace florin::verify
