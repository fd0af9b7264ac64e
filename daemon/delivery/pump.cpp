#include "daemon/delivery/pump.h"

#include <algorithm>

#include "base/log.h"
#include "daemon/domain/kinds.h"
#include "daemon/domain/records.h"

namespace florin::delivery {
namespace {

constexpr std::size_t kEventsPerPass = 256;
constexpr std::size_t kEndpointsPerMerchant = 50;
constexpr std::chrono::seconds kPauseAfterFailure{1};

struct Expansion {
  std::vector<Delivery> rows;
  std::optional<Position> last;  ///< of the last event that was read
  bool more = false;
};

Result<std::vector<Uuid>> active_endpoints(const ledger::Ledger& books, const Uuid& merchant) {
  FLORIN_TRY(
      const ledger::IndexPage page,
      books.index(
          ledger::IndexNumber{static_cast<std::uint8_t>(domain::Index::endpoints_of_merchant)},
          merchant.view(), std::nullopt, kEndpointsPerMerchant, false));
  std::vector<Uuid> active;
  for (const ledger::IndexPage::Row& row : page.rows) {
    FLORIN_TRY(const auto object, books.object(row.kind, row.id));
    if (!object) continue;
    FLORIN_TRY(const domain::Endpoint endpoint,
               domain::decode_endpoint(row.id, object->immutable, object->head));
    if (endpoint.active) active.push_back(row.id);
  }
  return active;
}

// Reads events behind `from` and spreads each over the endpoints of its merchant. Runs on the pool.
Result<Expansion> read_outbox(const Source& source, Position from) {
  const ledger::Ledger& books = *source.books.books;
  FLORIN_TRY(const auto events, books.outbox(from.seq, from.index, kEventsPerPass));
  Expansion expansion;
  expansion.more = events.size() == kEventsPerPass;
  std::map<Uuid, std::vector<Uuid>> endpoints;
  for (const ledger::OutboxEvent& event : events) {
    const Uuid& merchant = event.event.merchant;
    if (!endpoints.contains(merchant)) {
      FLORIN_TRY(endpoints[merchant], active_endpoints(books, merchant));
    }
    const Position place{event.seq, event.index};
    for (const Uuid& endpoint : endpoints[merchant]) {
      Delivery row;
      row.key = {{source.key, endpoint}, place};
      row.next_at = event.booked_at;
      row.booked_at = event.booked_at;
      row.event_id = event.event.id;
      row.event_type = event.event.type;
      expansion.rows.push_back(std::move(row));
    }
    expansion.last = place;
  }
  return expansion;
}

net::Task<Result<void>> visible(std::shared_ptr<Source> source, std::uint64_t seq) {
  using Answer = std::optional<Result<void>>;
  std::function<void(std::function<void(Answer)>)> begin = [source,
                                                            seq](std::function<void(Answer)> done) {
    source->books.books->wait_visible(
        seq, [done = std::move(done)](Result<void> result) { done(Answer(std::move(result))); });
  };
  Answer answer = co_await net::await_callback<Answer>(std::move(begin));
  co_return *std::move(answer);
}

}  // namespace

void Pump::attach(ledger::TenantLedger books) {
  const LedgerKey key{books.tenant.value, books.mode};
  auto source = std::make_shared<Source>();
  source->key = key;
  source->books = std::move(books);
  sources_[key] = source;
  // The observer stays with the ledger for good, so it must not keep this room alive.
  source->books.books->on_visible([weak = weak_from_this(), key](std::uint64_t next_seq) {
    const auto self = weak.lock();
    if (!self) return;
    self->runtime_.post([weak, key, next_seq] {
      if (const auto pump = weak.lock()) pump->note(key, next_seq);
    });
  });
  if (active_) note(key, source->books.books->head().next_seq);
}

void Pump::start() {
  active_ = true;
  for (const auto& [key, source] : sources_) note(key, source->books.books->head().next_seq);
}

std::shared_ptr<const Source> Pump::source(const LedgerKey& key) const {
  const auto found = sources_.find(key);
  return found == sources_.end() ? nullptr : found->second;
}

std::set<LedgerKey> Pump::attached() const {
  std::set<LedgerKey> keys;
  for (const auto& [key, source] : sources_) keys.insert(key);
  return keys;
}

void Pump::note(const LedgerKey& key, std::uint64_t next_seq) {
  const auto found = sources_.find(key);
  if (found == sources_.end()) return;
  Source& source = *found->second;
  source.wanted_seq = std::max(source.wanted_seq, next_seq);
  run(found->second);
}

void Pump::run(const std::shared_ptr<Source>& source) {
  if (!active_ || source->running || source->wanted_seq <= source->seen_seq) return;
  source->running = true;
  ++running_;
  runtime_.spawn("delivery.expand",
                 [self = shared_from_this(), source] { return self->expand_all(source); });
}

net::Task<void> Pump::expand_all(std::shared_ptr<Source> source) {
  while (active_ && source->seen_seq < source->wanted_seq) {
    const std::uint64_t target = source->wanted_seq;
    const Result<void> seen = co_await visible(source, target - 1);
    Result<bool> more = seen.ok() ? Result<bool>(true) : Result<bool>(seen.error());
    while (active_ && more.ok() && *more) more = co_await expand_some(source);
    if (more.ok()) {
      if (!*more) source->seen_seq = target;
    } else {
      if (more.error().code() == Errc::shutting_down) break;
      log_error("delivery.expand_failed", more.error());
      co_await net::sleep_for(kPauseAfterFailure);
    }
  }
  source->running = false;
  --running_;
  expanded_();
}

// One transaction's worth; true when there may be more.
net::Task<Result<bool>> Pump::expand_some(std::shared_ptr<Source> source) {
  Result<Position> from =
      writer_->read<Position>([&source](const Store& store, const lmdb::Transaction& transaction) {
        return store.cursor(transaction, source->key);
      });
  if (!from.ok()) co_return from.error();
  const Position start = *from;
  using Answer = std::optional<Result<Expansion>>;
  std::function<Answer()> work = [source, start] { return Answer(read_outbox(*source, start)); };
  Answer answer = co_await runtime_.offload<Answer>(std::move(work));
  if (!answer->ok()) co_return answer->error();
  const auto expansion = std::make_shared<Expansion>(*std::move(*answer));
  if (!expansion->last) co_return false;
  Writer::Step step = [source, start, expansion](Store& store,
                                                 lmdb::WriteTransaction& transaction) {
    return store.expand(transaction, source->key, start, *expansion->last, expansion->rows);
  };
  const Result<void> written = co_await writer_->durable(std::move(step));
  if (!written.ok()) co_return written.error();
  if (!expansion->rows.empty()) expanded_();
  co_return expansion->more;
}

}  // namespace florin::delivery
