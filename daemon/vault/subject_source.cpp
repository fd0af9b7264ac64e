#include "daemon/vault/subject_source.h"

#include <algorithm>

namespace florin::vault {

void SupplyQueue::ask(const SubjectBooks& books) {
  {
    const std::lock_guard lock(mutex_);
    asked_.insert(books);
  }
  changed_.notify_all();
}

std::optional<SubjectBooks> SupplyQueue::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return stopped_ || !asked_.empty(); });
  if (stopped_) return std::nullopt;
  const SubjectBooks books = *asked_.begin();
  asked_.erase(asked_.begin());
  return books;
}

void SupplyQueue::pause(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, time, [this] { return stopped_; });
}

void SupplyQueue::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
}

RootName SubjectSource::pool_name(std::uint64_t slot) const {
  return {books_.first, books_.second, pool_of(slot)};
}

Result<std::uint64_t> SubjectSource::take() {
  const std::lock_guard lock(mutex_);
  while (!ready_.empty() && ready_.front().next >= ready_.front().end) ready_.pop_front();
  if (left_locked() <= kPoolSlots / 2) queue_->ask(books_);
  if (ready_.empty()) {
    return Error(Errc::hsm_unavailable, {}, {}, "no subject key is ready; more are being made");
  }
  return ready_.front().next++;
}

Result<SubjectKey> SubjectSource::open(std::uint64_t slot) const {
  const auto store = store_.lock();
  if (store == nullptr) return Error(Errc::hsm_unavailable);
  const RootName name = pool_name(slot);
  const auto index = static_cast<std::uint32_t>(slot % kPoolSlots);
  const PoolPiece piece = pool_piece(index);
  FLORIN_TRY(const auto parts,
             store->parts(name.text(), kPoolHeaderSize, piece.offset, piece.size));
  if (!parts.has_value()) return SubjectKey{};
  FLORIN_TRY(const std::uint32_t version, pool_version(parts->first));
  return open_piece(*keys_, name, version, index, parts->second);
}

Result<bool> SubjectSource::is_gone(std::uint64_t slot) const {
  const auto store = store_.lock();
  if (store == nullptr) return Error(Errc::hsm_unavailable);
  const PoolPiece piece = pool_piece(static_cast<std::uint32_t>(slot % kPoolSlots));
  FLORIN_TRY(const auto parts, store->parts(pool_name(slot).text(), 0, piece.offset, piece.size));
  return !parts.has_value() || std::all_of(parts->second.begin(), parts->second.end(),
                                           [](std::uint8_t byte) { return byte == 0; });
}

void SubjectSource::begin(const Uuid& life, std::uint64_t next,
                          const std::vector<std::uint32_t>& pools) {
  const std::lock_guard lock(mutex_);
  life_ = life;
  begin_ = next;
  ready_.clear();
  for (const std::uint32_t pool : pools) add_locked(pool);
}

void SubjectSource::add(std::uint32_t pool) {
  const std::lock_guard lock(mutex_);
  add_locked(pool);
}

// What the books used is never given again.
void SubjectSource::add_locked(std::uint32_t pool) {
  const std::uint64_t first = std::uint64_t{pool - 1} * kPoolSlots;
  const Slots slots{std::max(first, begin_), first + kPoolSlots};
  if (slots.next < slots.end) ready_.push_back(slots);
}

bool SubjectSource::is_low() const {
  const std::lock_guard lock(mutex_);
  return left_locked() <= kPoolSlots / 2;
}

std::uint64_t SubjectSource::left() const {
  const std::lock_guard lock(mutex_);
  return left_locked();
}

std::uint64_t SubjectSource::left_locked() const {
  std::uint64_t left = 0;
  for (const Slots& slots : ready_) left += slots.end - slots.next;
  return left;
}

Uuid SubjectSource::life() const {
  const std::lock_guard lock(mutex_);
  return life_;
}

std::uint32_t SubjectSource::known_pool() const {
  const std::lock_guard lock(mutex_);
  return begin_ == 0 ? 0 : pool_of(begin_ - 1);
}

}  // namespace florin::vault
