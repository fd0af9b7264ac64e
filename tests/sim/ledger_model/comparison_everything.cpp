// All accounts, holds, objects, keys, events; statements, proofs and earlier times at random.
#include "comparison.h"
#include "ledger/verify/merkle.h"

namespace florin::ledger::sim {
namespace {

constexpr ObjectKind kObjectKinds[] = {ObjectKind{1}, ObjectKind{2}};

bool same(const ObjectRow& a, const ObjectRow& b) {
  return a.kind == b.kind && a.id == b.id && a.version == b.version && a.seq == b.seq &&
         a.immutable == b.immutable && a.head == b.head;
}

bool same(const OutboxEvent& a, const OutboxEvent& b) {
  return a.seq == b.seq && a.index == b.index && a.booked_at == b.booked_at &&
         a.merchant_seq == b.merchant_seq && a.event.id == b.event.id &&
         a.event.merchant == b.event.merchant && a.event.object_id == b.event.object_id &&
         a.event.object_version == b.event.object_version && a.event.type == b.event.type &&
         a.event.data == b.event.data;
}

bool same(const IdempotencyRow& a, const IdempotencyRow& b) {
  return a.fingerprint == b.fingerprint && a.answered == b.answered && a.seq == b.seq &&
         a.resource == b.resource && a.http_status == b.http_status &&
         a.expires_at == b.expires_at && a.body == b.body;
}

bool same(const UniqueRow& a, const UniqueRow& b) {
  return a.seq == b.seq && a.value == b.value;
}

bool same(const StatementLine& a, const StatementLine& b) {
  return a.seq == b.seq && a.entry_id == b.entry_id && a.type == b.type &&
         a.booked_at == b.booked_at && a.effective_day == b.effective_day &&
         a.subject == b.subject && a.note == b.note && a.side == b.side && a.layer == b.layer &&
         a.amount == b.amount && a.party == b.party && a.total == b.total;
}

template <class Row>
bool same(const std::optional<Row>& a, const std::optional<Row>& b) {
  return a.has_value() == b.has_value() && (!a.has_value() || same(*a, *b));
}

template <class Row>
bool same(const std::vector<Row>& a, const std::vector<Row>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!same(a[i], b[i])) return false;
  }
  return true;
}

}  // namespace

std::string Comparison::everything(CommandSource& source) {
  difference_.clear();
  balances();
  holds(source);
  objects();
  index();
  outbox();
  keys(source);
  history(source);
  statements(source);
  tree(source);
  return difference_;
}

void Comparison::balances() {
  const auto real = real_->balances();
  const auto model = model_.balances();
  if (!real.ok()) return differ("balances: " + real.error().to_log());
  if (!equal(real->size(), model->size(), "number of accounts")) return;
  // The trial balance: per asset and layer nothing is left over.
  std::map<std::pair<std::uint16_t, int>, Int128> sums;
  for (std::size_t i = 0; i < real->size(); ++i) {
    const AccountBalance& row = (*real)[i];
    account(row, (*model)[i]);
    const std::uint16_t asset = row.account.key.asset;
    sums[{asset, 0}] +=
        static_cast<Int128>(row.debits_posted) - static_cast<Int128>(row.credits_posted);
    sums[{asset, 1}] +=
        static_cast<Int128>(row.debits_pending) - static_cast<Int128>(row.credits_pending);
  }
  for (const auto& [which, sum] : sums) equal(sum, Int128{0}, "the trial balance");
}

void Comparison::holds(const CommandSource& source) {
  for (std::uint64_t i = 1; i <= source.holds(); ++i) hold(ledger::hold_id(i));
}

void Comparison::objects() {
  for (const ObjectKind kind : kObjectKinds) {
    std::optional<Uuid> after;
    while (difference_.empty()) {
      const auto real = real_->objects(kind, after, 997);
      const auto model = model_.objects(kind, after, 997);
      if (!real.ok()) return differ("objects: " + real.error().to_log());
      if (!same(*real, *model)) differ("objects");
      if (model->empty()) break;
      after = model->back().id;
    }
  }
}

void Comparison::index() {
  for (const bool descending : {false, true}) {
    std::optional<Bytes> cursor;
    bool more = true;
    while (more && difference_.empty()) {
      const auto real = real_->index(IndexNumber{7}, {}, cursor, 997, descending);
      const auto model = model_.index(IndexNumber{7}, {}, cursor, 997, descending);
      if (!real.ok()) return differ("index: " + real.error().to_log());
      equal(real->more, model->more, "whether an index has more");
      if (!equal(real->rows.size(), model->rows.size(), "rows of an index page")) return;
      for (std::size_t i = 0; i < real->rows.size(); ++i) {
        equal(real->rows[i].key, model->rows[i].key, "key of an index row");
        equal(real->rows[i].id, model->rows[i].id, "object of an index row");
      }
      more = model->more;
      if (!model->rows.empty()) cursor = model->rows.back().key;
    }
  }
}

void Comparison::outbox() {
  std::uint64_t seq = 0;
  std::uint32_t position = 0;
  while (difference_.empty()) {
    const auto real = real_->outbox(seq, position, 997);
    const auto model = model_.outbox(seq, position, 997);
    if (!real.ok()) return differ("outbox: " + real.error().to_log());
    if (!same(*real, *model)) differ("outbox behind entry " + std::to_string(seq));
    if (model->empty()) break;
    seq = model->back().seq;
    position = model->back().index;
  }
}

void Comparison::keys(const CommandSource& source) {
  for (std::uint64_t i = 1; i <= source.keys() && difference_.empty(); ++i) {
    const Key16 key = ledger::numbered_key(i);
    for (const UniqueTable table : {UniqueTable{1}, UniqueTable{2}, UniqueTable{3}}) {
      const auto real = real_->unique(table, key);
      if (!real.ok() || !same(*real, *model_.unique(table, key))) {
        differ("unique key " + std::to_string(i));
      }
    }
    const auto real = real_->idempotency(key);
    if (!real.ok() || !same(*real, *model_.idempotency(key))) {
      differ("idempotency key " + std::to_string(i));
    }
  }
}

void Comparison::history(CommandSource& source) {
  for (int i = 0; i < 2; ++i) {
    const std::uint64_t size = source.below(model_.size()) + 1;
    const auto real = real_->balances_at(size);
    const auto model = model_.balances_at(size);
    if (!real.ok()) return differ("balances of earlier: " + real.error().to_log());
    if (!equal(real->size(), model->size(), "number of accounts earlier")) return;
    for (std::size_t at = 0; at < real->size(); ++at) account((*real)[at], (*model)[at]);
    const UnixNanos time =
        model_.leaf(size - 1).booked_at + static_cast<UnixNanos>(source.below(2));
    const auto count = real_->size_at(time);
    if (!count.ok() || *count != *model_.size_at(time)) differ("number of entries at a time");
    const Uuid id = model_.leaf(size - 1).entry_id;
    if (size > 1) {
      const auto seq = real_->entry_seq(id);
      if (!seq.ok() || *seq != *model_.entry_seq(id)) differ("number of an entry");
    }
  }
  for (std::uint64_t i = 1; i <= 50; ++i) {
    const Uuid subject = ledger::numbered_id(i, 0x5B);
    const std::uint64_t after = source.below(model_.size());
    const auto real = real_->entries_about(subject, after, 100);
    if (!real.ok() || *real != *model_.entries_about(subject, after, 100)) {
      differ("entries about subject " + std::to_string(i));
    }
  }
  const UnixNanos now = model_.leaf(model_.size() - 1).booked_at;
  const auto real = real_->due_holds(now, 500);
  const auto model = model_.due_holds(now, 500);
  if (!real.ok() || !equal(real->size(), model->size(), "number of due holds")) {
    return differ("due holds");
  }
  for (std::size_t i = 0; i < real->size(); ++i) {
    equal((*real)[i].hold, (*model)[i].hold, "due hold");
    equal((*real)[i].expires_at, (*model)[i].expires_at, "time of a due hold");
  }
}

void Comparison::statements(CommandSource& source) {
  const std::uint64_t accounts = model_.balances()->size();
  for (int i = 0; i < 10 && accounts > 0; ++i) {
    StatementRequest request;
    request.account = 1 + source.below(accounts);
    request.from_seq = source.below(2) == 0 ? 0 : source.below(model_.size());
    request.before_seq = source.below(2) == 0 ? UINT64_MAX : source.below(model_.size());
    request.limit = 1 + source.below(50);
    statement(request);
  }
}

void Comparison::statement(const StatementRequest& request) {
  const std::string name = "statement of account " + std::to_string(request.account) + ": ";
  const auto real = real_->statement(request);
  const auto model = model_.statement(request);
  if (!real.ok()) return differ(name + real.error().to_log());
  equal(real->more, model->more, name + "whether there is more");
  if (!same(real->lines, model->lines)) differ(name + "lines");
  if (model->lines.empty()) return;
  account(real->opening, model->opening);
  account(real->closing, model->closing);
}

void Comparison::tree(CommandSource& source) {
  const std::uint64_t size = model_.size();
  verify::CompactRange leaves;
  for (std::uint64_t from = 0; from < size; from += 10'000) {
    const auto part = real_->entries(from, 10'000);
    if (!part.ok()) return differ("entries: " + part.error().to_log());
    for (const EntryView& view : *part) leaves.append(view.leaf_hash);
  }
  equal(leaves.size(), size, "number of leaves");
  const Head head = real_->head();
  equal(head.root, leaves.root(), "root of the tree");
  for (int i = 0; i < 20; ++i) {
    const std::uint64_t at = source.below(size);
    const auto proof = real_->inclusion_proof(at, size);
    const auto leaf = real_->entries(at, 1);
    if (!proof.ok() ||
        !verify::verify_inclusion(at, size, leaf->at(0).leaf_hash, *proof, head.root).ok()) {
      differ("proof that entry " + std::to_string(at) + " is in the tree");
    }
  }
}

}  // namespace florin::ledger::sim
