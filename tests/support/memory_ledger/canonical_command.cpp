#include "support/memory_ledger/canonical_command.h"

#include <algorithm>

#include "base/hash.h"

namespace florin::ledger::model {
namespace {

template <class Enum>
std::uint64_t number(Enum value) {
  return static_cast<std::uint64_t>(value);
}

// Every item is written with its count or presence first, so no two commands share a text.
class Writer {
 public:
  void operator()(std::uint64_t value) { out_.u64(value); }
  void operator()(std::int64_t value) { out_.i64(value); }
  void operator()(const Uuid& id) { out_.raw(id.view()); }
  void operator()(BytesView bytes) { out_.sized(bytes); }
  void operator()(const std::string& text) { out_.sized_text(text); }
  void operator()(const AccountKey& key) {
    (*this)(number(key.code));
    (*this)(std::uint64_t{key.asset});
    (*this)(key.owner);
  }
  void operator()(const Posting& row) {
    (*this)(row.account);
    (*this)(number(row.side));
    (*this)(number(row.layer));
    (*this)(row.amount);
    (*this)(row.party);
    (*this)(row.parent_owner);
  }
  void operator()(const HoldChange& row) {
    (*this)(row.hold);
    (*this)(number(row.operation));
    (*this)(std::uint64_t{row.asset});
    (*this)(row.amount);
    (*this)(row.expires_at);
  }
  void operator()(const ObjectWrite& row) {
    (*this)(number(row.kind));
    (*this)(row.id);
    (*this)(row.expected_version);
    (*this)(std::uint64_t{row.immutable.has_value()});
    (*this)(BytesView(row.immutable.value_or(Bytes{})));
    (*this)(BytesView(row.head));
  }
  void operator()(const UniqueWrite& row) {
    (*this)(number(row.table));
    (*this)(BytesView(row.key));
    (*this)(BytesView(row.value));
  }
  void operator()(const IdempotencyWrite& row) {
    (*this)(BytesView(row.key));
    (*this)(BytesView(row.fingerprint));
    (*this)(std::uint64_t{row.answered});
    (*this)(row.resource);
    (*this)(std::uint64_t{row.http_status});
    (*this)(row.expires_at);
    (*this)(BytesView(row.body));
  }
  void operator()(const Event& row) {
    (*this)(row.id);
    (*this)(row.merchant);
    (*this)(number(row.object_kind));
    (*this)(row.object_id);
    (*this)(row.object_version);
    (*this)(row.type);
    (*this)(BytesView(row.data));
  }
  void operator()(const Approval& row) {
    (*this)(row.person);
    (*this)(BytesView(row.request));
  }
  void operator()(const AccountChange& row) {
    (*this)(row.account);
    (*this)(std::uint64_t{row.flags});
  }
  template <class Item>
  void all(const std::vector<Item>& items) {
    (*this)(std::uint64_t{items.size()});
    for (const Item& item : items) (*this)(item);
  }
  Key16 digest() {
    const Hash32 hash = sha256(out_.view());
    Key16 digest{};
    std::copy_n(hash.begin(), digest.size(), digest.begin());
    return digest;
  }

 private:
  ByteWriter out_;
};

}  // namespace

Key16 command_digest(const Command& command) {
  Writer write;
  write(command.entry_id);
  write(number(command.type));
  write(number(command.origin));
  write(std::uint64_t{command.effective_day.has_value()});
  write(std::int64_t{command.effective_day.value_or(0)});
  write(command.subject);
  write(number(command.actor.kind));
  write(command.actor.id);
  write(command.note);
  write.all(command.postings);
  write.all(command.holds);
  write.all(command.objects);
  write.all(command.uniques);
  write(std::uint64_t{command.idempotency.has_value()});
  write(command.idempotency.value_or(IdempotencyWrite{}));
  write.all(command.events);
  write.all(command.approvals);
  write(std::uint64_t{command.reverses.has_value()});
  write(command.reverses.value_or(Uuid{}));
  write.all(command.account_changes);
  write(std::uint64_t{command.lock_through.has_value()});
  write(std::int64_t{command.lock_through.value_or(0)});
  write(std::uint64_t{command.clock.has_value()});
  write(std::int64_t{command.clock.value_or(0)});
  write(std::uint64_t{command.recovery.has_value()});
  const RecoveryRecord recovery = command.recovery.value_or(RecoveryRecord{});
  write(number(recovery.step));
  write(recovery.signed_size);
  write(BytesView(recovery.signed_root));
  return write.digest();
}

}  // namespace florin::ledger::model
