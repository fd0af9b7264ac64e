#pragma once
/// A ledger in memory: just endpoints and an outbox.
#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "daemon/domain/kinds.h"
#include "daemon/domain/records.h"
#include "ledger/ledger.h"
#include "support/empty_ledger.h"

namespace florin::delivery {

/// Thread-safe.
class FakeLedger final : public test::EmptyLedger {
 public:
  void put(const domain::Endpoint& endpoint) {
    const std::lock_guard lock(mutex_);
    endpoints_[endpoint.id.value] = endpoint;
  }
  /// Books an event; readers see it once `show` says so (at once, unless `hidden`).
  void emit(const Uuid& id, const Uuid& merchant, std::string type, UnixNanos booked_at,
            bool hidden = false) {
    std::vector<std::function<void(std::uint64_t)>> observers;
    std::uint64_t next = 0;
    {
      const std::lock_guard lock(mutex_);
      ledger::OutboxEvent event;
      event.seq = next_seq_++;
      event.booked_at = booked_at;
      event.event.id = id;
      event.event.merchant = merchant;
      event.event.type = std::move(type);
      event.event.data = to_bytes(view_of(R"({"object":"payment","version":1})"));
      event.merchant_seq = ++merchant_seq_[merchant];
      events_.push_back(std::move(event));
      next = next_seq_;
      observers = observers_;
    }
    if (!hidden) show();
    for (const auto& observer : observers) observer(next);
  }
  void show() {
    std::vector<std::function<void(Result<void>)>> waiting;
    {
      const std::lock_guard lock(mutex_);
      visible_ = next_seq_;
      waiting.swap(waiting_);
    }
    for (const auto& done : waiting) done({});
  }

  void submit(ledger::Command, Done done) override { done(Error(Errc::internal)); }
  void wait_visible(std::uint64_t seq, std::function<void(Result<void>)> done) override {
    {
      const std::lock_guard lock(mutex_);
      if (seq >= visible_) {
        waiting_.push_back(std::move(done));
        return;
      }
    }
    done({});
  }
  Result<std::optional<ledger::ObjectRow>> object(ledger::ObjectKind kind,
                                                  const Uuid& id) const override {
    const std::lock_guard lock(mutex_);
    const auto found = endpoints_.find(id);
    if (found == endpoints_.end()) return std::optional<ledger::ObjectRow>();
    const domain::Stored stored = domain::encode(found->second);
    return std::optional<ledger::ObjectRow>(
        ledger::ObjectRow{kind, id, 1, 1, stored.immutable, stored.head});
  }
  Result<std::vector<ledger::ObjectRow>> objects(ledger::ObjectKind, std::optional<Uuid>,
                                                 std::size_t) const override {
    return std::vector<ledger::ObjectRow>();
  }
  Result<std::optional<ledger::UniqueRow>> unique(ledger::UniqueTable,
                                                  const Key16&) const override {
    return std::optional<ledger::UniqueRow>();
  }
  Result<std::optional<ledger::IdempotencyRow>> idempotency(const Key16&) const override {
    return std::optional<ledger::IdempotencyRow>();
  }
  Result<ledger::IndexPage> index(ledger::IndexNumber number, BytesView prefix,
                                  std::optional<Bytes>, std::size_t limit, bool) const override {
    const std::lock_guard lock(mutex_);
    ledger::IndexPage page;
    if (number !=
        ledger::IndexNumber{static_cast<std::uint8_t>(domain::Index::endpoints_of_merchant)}) {
      return page;
    }
    for (const auto& [id, endpoint] : endpoints_) {
      if (endpoint.merchant.value == Uuid::from(prefix) && page.rows.size() < limit) {
        page.rows.push_back(
            {{}, ledger::ObjectKind{static_cast<std::uint8_t>(domain::Kind::endpoint)}, id});
      }
    }
    return page;
  }
  Result<std::vector<ledger::OutboxEvent>> outbox(std::uint64_t after_seq,
                                                  std::uint32_t after_index,
                                                  std::size_t limit) const override {
    const std::lock_guard lock(mutex_);
    std::vector<ledger::OutboxEvent> found;
    for (const ledger::OutboxEvent& event : events_) {
      const bool behind =
          event.seq > after_seq || (event.seq == after_seq && event.index > after_index);
      if (behind && event.seq < visible_ && found.size() < limit) found.push_back(event);
    }
    return found;
  }
  ledger::Head head() const override {
    const std::lock_guard lock(mutex_);
    return {.next_seq = next_seq_, .visible_seq = visible_, .root = {}, .signed_size = 0};
  }
  void on_commit(std::function<void(std::uint64_t)> observer) override {
    const std::lock_guard lock(mutex_);
    observers_.push_back(std::move(observer));
  }
  const ledger::OpenOptions& options() const noexcept override { return options_; }

 private:
  mutable std::mutex mutex_;
  ledger::OpenOptions options_;
  std::map<Uuid, domain::Endpoint> endpoints_;
  std::vector<ledger::OutboxEvent> events_;
  std::map<Uuid, std::uint64_t> merchant_seq_;
  std::vector<std::function<void(std::uint64_t)>> observers_;
  std::vector<std::function<void(Result<void>)>> waiting_;
  std::uint64_t next_seq_ = 1;  // entry 0 is the genesis
  std::uint64_t visible_ = 1;
};

}  // namespace florin::delivery
