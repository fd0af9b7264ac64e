#include "ledger/leaf.h"

namespace florin::ledger {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kFixedBytes = 160;
constexpr std::size_t kMaxTlvs = 255;

class TlvWriter {
 public:
  void add(std::uint16_t tag, BytesView value) {
    out_.u16(tag);
    out_.u16(static_cast<std::uint16_t>(value.size()));
    out_.raw(value);
    ++count_;
  }
  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  [[nodiscard]] BytesView view() const noexcept { return out_.view(); }

 private:
  ByteWriter out_;
  std::size_t count_ = 0;
};

void write(ByteWriter& out, const verify::Posting& posting) {
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

Bytes value_of(const verify::AccountOpening& opening) {
  ByteWriter out;
  out.u64(opening.number);
  out.u16(opening.code);
  out.u16(opening.asset);
  out.u8(opening.exponent);
  out.u8(0);
  out.u16(0);
  out.raw(opening.owner.view());
  out.u64(opening.parent);
  return std::move(out).take();
}

Bytes value_of(const verify::HoldChange& change) {
  ByteWriter out;
  out.raw(change.hold.view());
  out.u8(static_cast<std::uint8_t>(change.operation));
  out.u8(change.takes_back ? 1 : 0);
  out.u16(change.asset);
  out.u32(0);
  out.u64(change.amount);
  out.i64(change.expires_at);
  return std::move(out).take();
}

Bytes value_of(const verify::AccountFlags& change) {
  ByteWriter out;
  out.u64(change.account);
  out.u32(change.flags);
  out.u32(0);
  return std::move(out).take();
}

Bytes value_of(const verify::Redirection& redirection) {
  ByteWriter out;
  out.u8(redirection.posting);
  out.u8(static_cast<std::uint8_t>(redirection.reason));
  out.raw(ByteArray<6>{});
  out.u64(redirection.account);
  return std::move(out).take();
}

Bytes value_of(const verify::ReversedEntry& reversed) {
  ByteWriter out;
  out.u64(reversed.seq);
  out.raw(reversed.entry_id.view());
  return std::move(out).take();
}

Bytes value_of(const verify::Approval& approval) {
  ByteWriter out;
  out.raw(approval.person.view());
  out.raw(approval.request);
  return std::move(out).take();
}

Bytes value_of(const verify::Recovery& recovery) {
  ByteWriter out;
  out.u8(static_cast<std::uint8_t>(recovery.step));
  out.raw(ByteArray<7>{});
  out.u64(recovery.signed_size);
  out.raw(recovery.signed_root);
  return std::move(out).take();
}

Bytes value_of(std::int32_t day) {
  ByteWriter out;
  out.u32(static_cast<std::uint32_t>(day));
  return std::move(out).take();
}

Bytes value_of(std::int64_t time) {
  ByteWriter out;
  out.i64(time);
  return std::move(out).take();
}

// Those that few entries have.
void add_special(TlvWriter& tlvs, const verify::Leaf& leaf) {
  for (const verify::AccountFlags& change : leaf.account_flags) tlvs.add(6, value_of(change));
  for (const verify::Redirection& posting : leaf.redirections) tlvs.add(7, value_of(posting));
  if (leaf.meant_day.has_value()) tlvs.add(8, value_of(*leaf.meant_day));
  if (leaf.reverses.has_value()) tlvs.add(9, value_of(*leaf.reverses));
  for (const verify::Approval& approval : leaf.approvals) tlvs.add(10, value_of(approval));
  if (leaf.lock_through.has_value()) tlvs.add(11, value_of(*leaf.lock_through));
  if (leaf.clock.has_value()) tlvs.add(12, value_of(*leaf.clock));
  if (leaf.recovery.has_value()) tlvs.add(13, value_of(*leaf.recovery));
}

TlvWriter tlvs_of(const verify::Leaf& leaf) {
  TlvWriter tlvs;
  for (const verify::AccountOpening& opening : leaf.openings) tlvs.add(1, value_of(opening));
  for (const verify::HoldChange& change : leaf.holds) tlvs.add(2, value_of(change));
  if (leaf.actor.has_value()) {
    ByteWriter actor;
    actor.u8(static_cast<std::uint8_t>(leaf.actor->kind));
    actor.raw(leaf.actor->id.view());
    tlvs.add(3, actor.view());
  }
  if (leaf.flags != 0) {
    ByteWriter flags;
    flags.u32(leaf.flags);
    tlvs.add(4, flags.view());
  }
  if (!leaf.note.empty()) tlvs.add(5, view_of(leaf.note));
  add_special(tlvs, leaf);
  return tlvs;
}

}  // namespace

Result<Bytes> write_leaf(const verify::Leaf& leaf) {
  const TlvWriter tlvs = tlvs_of(leaf);
  const std::size_t size = kFixedBytes + leaf.postings.size() * 64 + tlvs.view().size();
  if (leaf.postings.size() > verify::kMaxPostings || tlvs.count() > kMaxTlvs ||
      size > verify::kMaxLeafBytes) {
    return Error(Errc::ledger_limit, {}, "The entry has too many postings, holds or new accounts.");
  }
  ByteWriter out;
  out.u8('F');
  out.u8('L');
  out.u8(kFormat);
  out.u8(leaf.type);
  out.u32(static_cast<std::uint32_t>(size));
  out.u64(leaf.seq);
  out.raw(leaf.tenant.view());
  out.u8(static_cast<std::uint8_t>(leaf.mode));
  out.u8(static_cast<std::uint8_t>(leaf.origin));
  out.u8(static_cast<std::uint8_t>(leaf.postings.size()));
  out.u8(static_cast<std::uint8_t>(tlvs.count()));
  out.u32(static_cast<std::uint32_t>(leaf.effective_day));
  out.i64(leaf.booked_at);
  out.raw(leaf.entry_id.view());
  out.raw(leaf.subject.view());
  out.raw(leaf.previous_leaf);
  out.raw(leaf.body_commitment);
  out.raw(leaf.fingerprint);
  for (const verify::Posting& posting : leaf.postings) write(out, posting);
  out.raw(tlvs.view());
  return std::move(out).take();
}

}  // namespace florin::ledger
