#include "ledger/fingerprint.h"

#include <algorithm>

#include "base/hash.h"

namespace florin::ledger {
namespace {

void write_count(ByteWriter& out, std::size_t count) {
  out.u32(static_cast<std::uint32_t>(count));
}

void write(ByteWriter& out, const Posting& posting) {
  out.u16(static_cast<std::uint16_t>(posting.account.code));
  out.u16(posting.account.asset);
  out.raw(posting.account.owner.view());
  out.u8(static_cast<std::uint8_t>(posting.side));
  out.u8(static_cast<std::uint8_t>(posting.layer));
  out.u64(posting.amount);
  out.raw(posting.party.view());
  out.raw(posting.parent_owner.view());
}

void write(ByteWriter& out, const HoldChange& change) {
  out.raw(change.hold.view());
  out.u8(static_cast<std::uint8_t>(change.operation));
  out.u16(change.asset);
  out.u64(change.amount);
  out.i64(change.expires_at);
}

void write(ByteWriter& out, const Approval& approval) {
  out.raw(approval.person.view());
  out.raw(approval.request);
}

void write(ByteWriter& out, const AccountChange& change) {
  out.u16(static_cast<std::uint16_t>(change.account.code));
  out.u16(change.account.asset);
  out.raw(change.account.owner.view());
  out.u32(change.flags);
}

void write(ByteWriter& out, const ObjectWrite& object) {
  out.u8(static_cast<std::uint8_t>(object.kind));
  out.raw(object.id.view());
  out.u64(object.expected_version);
  out.u8(object.immutable.has_value() ? 1 : 0);
  if (object.immutable.has_value()) out.sized(*object.immutable);
  out.sized(object.head);
}

void write(ByteWriter& out, const UniqueWrite& unique) {
  out.u8(static_cast<std::uint8_t>(unique.table));
  out.raw(unique.key);
  out.sized(unique.value);
}

void write(ByteWriter& out, const IdempotencyWrite& row) {
  out.raw(row.key);
  out.raw(row.fingerprint);
  out.u8(row.answered ? 1 : 0);
  out.raw(row.resource.view());
  out.u16(row.http_status);
  out.i64(row.expires_at);
  out.sized(row.body);
}

void write(ByteWriter& out, const Event& event) {
  out.raw(event.id.view());
  out.raw(event.merchant.view());
  out.u8(static_cast<std::uint8_t>(event.object_kind));
  out.raw(event.object_id.view());
  out.u64(event.object_version);
  out.sized_text(event.type);
  out.sized(event.data);
}

template <class Item>
void write_all(ByteWriter& out, const std::vector<Item>& items) {
  write_count(out, items.size());
  for (const Item& item : items) write(out, item);
}

void write_special(ByteWriter& out, const Command& command) {
  write_all(out, command.approvals);
  write_all(out, command.account_changes);
  out.u8(command.reverses.has_value() ? 1 : 0);
  out.raw(command.reverses.value_or(Uuid{}).view());
  out.u8(command.lock_through.has_value() ? 1 : 0);
  out.u32(static_cast<std::uint32_t>(command.lock_through.value_or(0)));
  out.u8(command.clock.has_value() ? 1 : 0);
  out.i64(command.clock.value_or(0));
  const RecoveryRecord recovery = command.recovery.value_or(RecoveryRecord{});
  out.u8(static_cast<std::uint8_t>(recovery.step));
  out.u64(recovery.signed_size);
  out.raw(recovery.signed_root);
}

}  // namespace

Key16 command_fingerprint(BytesView key, const Command& command) {
  ByteWriter out;
  out.raw(command.entry_id.view());
  out.u8(static_cast<std::uint8_t>(command.type));
  out.u8(static_cast<std::uint8_t>(command.origin));
  out.u8(command.effective_day.has_value() ? 1 : 0);
  out.u32(static_cast<std::uint32_t>(command.effective_day.value_or(0)));
  out.raw(command.subject.view());
  out.u8(static_cast<std::uint8_t>(command.actor.kind));
  out.raw(command.actor.id.view());
  out.sized_text(command.note);
  write_all(out, command.postings);
  write_all(out, command.holds);
  write_all(out, command.objects);
  write_all(out, command.uniques);
  out.u8(command.idempotency.has_value() ? 1 : 0);
  if (command.idempotency.has_value()) write(out, *command.idempotency);
  write_all(out, command.events);
  write_special(out, command);
  const Hash32 full = hmac_sha256(key, {out.view()});
  Key16 short_form{};
  std::copy_n(full.begin(), short_form.size(), short_form.begin());
  return short_form;
}

}  // namespace florin::ledger
