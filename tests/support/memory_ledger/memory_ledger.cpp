#include "support/memory_ledger/memory_ledger.h"

#include <algorithm>

#include "base/hash.h"
#include "ledger/verify/note.h"
#include "support/memory_ledger/canonical_command.h"

namespace florin::ledger::model {

MemoryLedger::MemoryLedger(OpenOptions options, const ProjectorSet& projectors, const Clock& clock)
    : options_(std::move(options)), projectors_(projectors), clock_(clock) {
  Draft genesis;
  genesis.leaf.type = verify::kGenesisType;
  genesis.leaf.tenant = options_.tenant;
  genesis.leaf.mode = static_cast<verify::Mode>(options_.mode);
  genesis.leaf.origin = verify::Origin::system;
  genesis.leaf.booked_at = clock.now();
  genesis.leaf.effective_day = day_of(clock.now());
  genesis.leaf.actor = verify::Actor{};
  const Hash32 id = sha256(view_of("genesis of a ledger in memory"));
  genesis.leaf.entry_id = Uuid::from(BytesView(id).first(16));
  if (options_.evaluation) genesis.leaf.flags = verify::kFlagEvaluation;
  write(Command{}, std::move(genesis));
}

UnixNanos MemoryLedger::next_time() const {
  return std::max(clock_.now(), books_.entries.back().leaf.booked_at + 1);
}

Verdict MemoryLedger::verdict(const Command& command) const {
  const std::lock_guard lock(mutex_);
  return judge(books_, command, next_time());
}

verify::Leaf MemoryLedger::leaf(std::uint64_t seq) const {
  const std::lock_guard lock(mutex_);
  return books_.entries.at(seq).leaf;
}

std::uint64_t MemoryLedger::size() const {
  const std::lock_guard lock(mutex_);
  return books_.entries.size();
}

AccountKey MemoryLedger::account_key(std::uint64_t number) const {
  const std::lock_guard lock(mutex_);
  return books_.accounts.at(number - 1).account.key;
}

Result<Receipt> MemoryLedger::take(const Command& command) {
  Verdict verdict = judge(books_, command, next_time());
  if (verdict.duplicate.has_value()) return *verdict.duplicate;
  if (!verdict.draft.good()) return verdict.draft.problems.front();
  const Receipt receipt{verdict.draft.leaf.seq, verdict.draft.leaf.booked_at, false};
  write(command, std::move(verdict.draft));
  return receipt;
}

void MemoryLedger::submit(Command command, Done done) {
  std::vector<std::function<void(Result<void>)>> visible;
  std::vector<std::function<void(std::uint64_t)>> observers;
  std::uint64_t next_seq = 0;
  const Result<Receipt> result = [&] {
    const std::lock_guard lock(mutex_);
    Result<Receipt> taken = take(command);
    next_seq = books_.entries.size();
    const auto end = waiting_.lower_bound(next_seq);
    for (auto at = waiting_.begin(); at != end; ++at) visible.push_back(std::move(at->second));
    waiting_.erase(waiting_.begin(), end);
    if (taken.ok() && !taken->duplicate) observers = observers_;
    return taken;
  }();
  for (const auto& observer : observers) observer(next_seq);
  done(result);
  for (const auto& waiter : visible) waiter({});
}

void MemoryLedger::wait_visible(std::uint64_t seq, std::function<void(Result<void>)> done) {
  {
    const std::lock_guard lock(mutex_);
    if (seq >= books_.entries.size()) {
      waiting_.emplace(seq, std::move(done));
      return;
    }
  }
  done({});
}

void MemoryLedger::on_commit(std::function<void(std::uint64_t)> observer) {
  const std::lock_guard lock(mutex_);
  observers_.push_back(std::move(observer));
}

void MemoryLedger::write(const Command& command, Draft draft) {
  verify::Leaf& leaf = draft.leaf;
  // Hides nothing here; it only has to be some hash of what the sealed part would hold.
  leaf.body_commitment = sha256(command_digest(command));
  Entry entry;
  entry.bytes = verify::encode_leaf(leaf);
  const std::uint8_t prefix = 0;
  entry.hash = sha256({BytesView(&prefix, 1), entry.bytes});
  books_.tree.append(entry.hash);
  books_.ids[leaf.entry_id] = leaf.seq;
  books_.subjects[leaf.subject].push_back(leaf.seq);
  if (draft.reverses.has_value()) books_.entries.at(*draft.reverses).reversed = true;
  write_accounts(draft);
  for (auto& [id, hold] : draft.holds) {
    std::erase_if(hold.legs, [](const auto& leg) { return leg.second == 0; });
    books_.holds[id] = std::move(hold);
  }
  write_objects(command, leaf.seq);
  write_events(command, leaf);
  books_.state = draft.state;
  entry.leaf = std::move(leaf);
  books_.entries.push_back(std::move(entry));
}

void MemoryLedger::write_accounts(Draft& draft) {
  for (const Account& account : draft.openings) {
    AccountRecord record;
    record.account = account;
    books_.numbers[account.key] = account.number;
    books_.accounts.push_back(std::move(record));
  }
  for (const auto& [number, flags] : draft.flags) books_.accounts.at(number - 1).flags = flags;
  for (std::size_t at = 0; at < draft.leaf.postings.size(); ++at) {
    const verify::Posting& posting = draft.leaf.postings[at];
    AccountRecord& record = books_.accounts.at(posting.account - 1);
    record.totals.of(static_cast<Side>(posting.side), static_cast<Layer>(posting.layer)) +=
        posting.amount;
    record.lines.push_back({draft.leaf.seq, at, record.totals});
  }
  for (const auto& [number, totals] : draft.totals) {
    FLORIN_ASSERT(books_.accounts.at(number - 1).totals == totals);
  }
}

void MemoryLedger::reindex(const ObjectRow& row, bool insert) {
  for (const Projector projector : projectors_.projectors) {
    for (IndexEntry& entry : projector(row.kind, row.id, row.immutable, row.head)) {
      std::pair<IndexNumber, Bytes> key{entry.index, std::move(entry.key)};
      if (insert) {
        books_.index[std::move(key)] = {row.kind, row.id};
      } else {
        books_.index.erase(key);
      }
    }
  }
}

void MemoryLedger::write_objects(const Command& command, std::uint64_t seq) {
  for (const ObjectWrite& write : command.objects) {
    ObjectRow& row = books_.objects[{write.kind, write.id}];
    if (row.version != 0) reindex(row, false);
    row.kind = write.kind;
    row.id = write.id;
    row.version = write.expected_version + 1;
    row.seq = seq;
    if (write.immutable.has_value()) row.immutable = *write.immutable;
    row.head = write.head;
    reindex(row, true);
  }
  for (const UniqueWrite& write : command.uniques) {
    books_.uniques[{write.table, write.key}] = {seq, write.value};
  }
  if (!command.idempotency.has_value()) return;
  const IdempotencyWrite& write = *command.idempotency;
  books_.idempotency[write.key] = {write.fingerprint, write.answered,   seq,       write.resource,
                                   write.http_status, write.expires_at, write.body};
}

void MemoryLedger::write_events(const Command& command, const verify::Leaf& leaf) {
  for (std::size_t at = 0; at < command.events.size(); ++at) {
    OutboxEvent row;
    row.seq = leaf.seq;
    row.index = static_cast<std::uint32_t>(at);
    row.booked_at = leaf.booked_at;
    row.event = command.events[at];
    row.merchant_seq = ++books_.merchant_events[row.event.merchant];
    books_.outbox.push_back(std::move(row));
  }
}

Head MemoryLedger::head() const {
  const std::lock_guard lock(mutex_);
  const std::uint64_t size = books_.entries.size();
  return {size, size, books_.tree.root(size), signed_size_};
}

Result<std::uint64_t> MemoryLedger::checkpoint(Signer& signer) {
  verify::Checkpoint checkpoint;
  {
    const std::lock_guard lock(mutex_);
    if (signed_size_ == books_.entries.size()) return signed_size_;
    checkpoint.origin = options_.origin;
    checkpoint.size = books_.entries.size();
    checkpoint.root = books_.tree.root(checkpoint.size);
  }
  FLORIN_TRY(const Bytes signature, signer.sign(view_of(verify::checkpoint_text(checkpoint))));
  const std::lock_guard lock(mutex_);
  if (checkpoint.size <= signed_size_) return signed_size_;  // somebody else was faster
  signed_size_ = checkpoint.size;
  note_ = verify::format_note(checkpoint, signer.public_key_der(), signature);
  return signed_size_;
}

Result<std::optional<std::string>> MemoryLedger::last_checkpoint() const {
  const std::lock_guard lock(mutex_);
  return note_;
}

}  // namespace florin::ledger::model
