#include "slow_books.h"

namespace florin::sim {

using ledger::Receipt;

SlowBooks::SlowBooks(ledger::OpenOptions options, const ledger::ProjectorSet& projectors,
                     Timeline& timeline, Dice& dice)
    : timeline_(timeline),
      dice_(dice),
      visible_clock_(timeline.now()),
      durable_(options, projectors, timeline),
      visible_(std::move(options), projectors, visible_clock_) {}

void SlowBooks::establish(const ledger::Command& command) {
  const auto receipt = make_durable(command);
  FLORIN_ASSERT(receipt.ok());
  show();
}

void SlowBooks::submit(ledger::Command command, Done done) {
  queue_.push_back({std::move(command), std::move(done)});
  if (flushing_) return;
  flushing_ = true;
  timeline_.in(dice_.between(100 * kMicrosecond, 500 * kMicrosecond), [this, life = life_] {
    if (life == life_) flush();
  });
}

// All that is queued when the flush ends is one group. Callbacks only hand over, so the queue does
// not grow meanwhile.
void SlowBooks::flush() {
  flushing_ = false;
  std::deque<Queued> group;
  group.swap(queue_);
  for (Queued& one : group) {
    Result<Receipt> receipt = make_durable(one.command);
    one.done(std::move(receipt));
  }
  for (const auto& observer : observers_) observer(durable_.size());
  show_within(20 * kMillisecond);
}

Result<Receipt> SlowBooks::make_durable(const ledger::Command& command) {
  std::optional<Result<Receipt>> receipt;
  durable_.submit(command, [&receipt](Result<Receipt> result) { receipt = std::move(result); });
  if (receipt->ok() && !(*receipt)->duplicate) unseen_.emplace_back(command, (*receipt)->booked_at);
  return std::move(*receipt);
}

void SlowBooks::show_within(std::int64_t delay) {
  timeline_.in(dice_.between(0, delay), [this, life = life_] {
    if (life == life_) show();
  });
}

void SlowBooks::show() {
  for (const auto& [command, booked_at] : unseen_) {
    visible_clock_.step(booked_at - visible_clock_.now());
    visible_.submit(command, [](const Result<Receipt>& result) { FLORIN_ASSERT(result.ok()); });
  }
  unseen_.clear();
  FLORIN_ASSERT(visible_.size() == durable_.size());
  const auto end = waiting_.lower_bound(visible_.size());
  for (auto at = waiting_.begin(); at != end; ++at) at->second(Result<void>{});
  waiting_.erase(waiting_.begin(), end);
}

void SlowBooks::crash() {
  ++life_;
  flushing_ = false;
  const std::size_t survivors = dice_.below(queue_.size() + 1);
  for (std::size_t i = 0; i < survivors; ++i) (void)make_durable(queue_[i].command);
  queue_.clear();
  waiting_.clear();
  observers_.clear();
  show();
}

void SlowBooks::wait_visible(std::uint64_t seq, std::function<void(Result<void>)> done) {
  if (seq < visible_.size()) return done(Result<void>{});
  waiting_.emplace(seq, std::move(done));
  show_within(200 * kMicrosecond);
}

ledger::Head SlowBooks::head() const {
  ledger::Head head;
  head.next_seq = durable_.size();
  head.visible_seq = visible_.size();
  return head;
}

void SlowBooks::on_commit(std::function<void(std::uint64_t)> observer) {
  observers_.push_back(std::move(observer));
}

}  // namespace florin::sim
