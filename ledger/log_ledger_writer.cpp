#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.h"
#include "ledger/fingerprint.h"
#include "ledger/frame.h"
#include "ledger/limits.h"
#include "ledger/log_ledger.h"
#include "ledger/projection.h"

namespace florin::ledger {
namespace {

// Of the log, and as much of the database.
constexpr std::uint64_t kBytesPerOutcome = 2 * kOutcomeBytes;

// A refusal concerns the command; a fault concerns the ledger, which then stops.
bool is_fault(const Error& error) {
  return error.error_class() == ErrorClass::corrupt || error.code() == Errc::io_failure ||
         error.code() == Errc::internal;
}

// A fact that the books could not take as it was is in them, and somebody has to look at it.
bool is_irregular(const verify::Leaf& leaf) {
  return !leaf.redirections.empty() || leaf.meant_day.has_value() ||
         (leaf.flags & verify::kFlagLimitPassed) != 0;
}

void alarm(const verify::Leaf& leaf, const std::filesystem::path& directory) {
  log(LogLevel::error, "ledger.fact_irregular",
      {{"directory", directory.string()},
       {"entry", leaf.seq},
       {"subject", leaf.subject.text()},
       {"postings_on_suspense", leaf.redirections.size()},
       {"moved_out_of_locked_day", leaf.meant_day.has_value()},
       {"limit_of_hold_passed", (leaf.flags & verify::kFlagLimitPassed) != 0}});
}

}  // namespace

void LogLedger::run() {
  std::vector<Pending> batch;
  while (take(batch)) {
    process(batch);
    batch.clear();
  }
  if (auto committed = commit(); !committed.ok()) stop_with(committed.error());
  std::multimap<std::uint64_t, std::function<void(Result<void>)>> waiters;
  {
    const std::lock_guard lock(state_mutex_);
    if (!stopped_.has_value()) stopped_ = Error(Errc::shutting_down);
    waiters.swap(visibility_waiters_);
  }
  for (auto& [seq, done] : waiters) done(Error(Errc::shutting_down));
}

// Waits for commands. Before it waits, everything that was answered becomes visible.
bool LogLedger::take(std::vector<Pending>& batch) {
  std::unique_lock lock(queue_mutex_);
  for (;;) {
    if (!rotations_.empty()) {
      serve_rotations(lock);
    } else if (!queue_.empty()) {
      break;
    } else if (stopping_) {
      return false;
    } else if (transaction_.has_value()) {
      if (pause_commit(lock)) continue;
      lock.unlock();
      if (auto done = commit_and_fill(); !done.ok()) stop_with(done.error());
      lock.lock();
    } else {
      queue_filled_.wait(lock);
    }
  }
  while (!queue_.empty() && batch.size() < kMaxGroupCommands) {
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return true;
}

// A client that goes on as soon as it is answered must not find LMDB's commit in its way: that is
// several flushes long, and costs hardly more for the groups of some milliseconds than for one.
bool LogLedger::pause_commit(std::unique_lock<std::mutex>& lock) {
  if (uncommitted_entries_ == 0 || commit_is_due()) return false;
  const auto has_work = [this] { return !queue_.empty() || !rotations_.empty() || stopping_; };
  queue_filled_.wait_for(lock, std::chrono::nanoseconds(kCommitPause_ns),
                         [&] { return has_work() || reader_waits(); });
  return has_work();
}

bool LogLedger::reader_waits() {
  const std::lock_guard lock(state_mutex_);
  return !visibility_waiters_.empty();
}

void LogLedger::serve_rotations(std::unique_lock<std::mutex>& lock) {
  auto asked = std::exchange(rotations_, {});
  lock.unlock();
  for (std::promise<Result<SealedLog>>& answer : asked) answer.set_value(seal_log());
  lock.lock();
}

Result<SealedLog> LogLedger::seal_log() {
  {
    const std::lock_guard lock(state_mutex_);
    if (stopped_.has_value()) return *stopped_;
  }
  if (auto sealed = parts_.segments->seal(); !sealed.ok()) {
    stop_with(sealed.error());
    return Error(Errc::ledger_stopped, {}, {}, sealed.error().to_log());
  }
  SealedLog out{parts_.sealed, tree_.size(), tree_.root()};
  const std::vector<SealedSegment>& own = parts_.segments->sealed();
  out.segments.insert(out.segments.end(), own.begin(), own.end());
  return out;
}

void LogLedger::process(std::vector<Pending>& batch) {
  std::span<Pending> rest(batch);
  while (!rest.empty()) {
    Results results;
    std::optional<Error> stopped;
    {
      const std::lock_guard lock(state_mutex_);
      stopped = stopped_;
    }
    const std::int64_t started_ns = clock_.monotonic_ns();
    flush_ns_.reset();
    if (!stopped.has_value()) {
      if (auto written = write_group(rest, results); !written.ok()) {
        stop_with(written.error());
        stopped = Error(Errc::ledger_stopped, {}, {}, written.error().to_log());
      }
    }
    // Nothing of a group that failed may be believed, refusals and duplicates included.
    if (stopped.has_value()) results.assign(rest.size(), *stopped);
    answer(rest.first(results.size()), results);
    rest = rest.subspan(results.size());
    if (stopped.has_value()) continue;
    if (commit_is_due()) {
      if (auto done = commit_and_fill(); !done.ok()) stop_with(done.error());
    }
    const std::int64_t work_ns = clock_.monotonic_ns() - started_ns - flush_ns_.value_or(0);
    const std::lock_guard lock(queue_mutex_);
    admission_.measured(results.size(), work_ns, flush_ns_);
  }
}

void LogLedger::answer(std::span<Pending> answered, Results& results) {
  {
    // Before anybody hears of it, so that who was told finds the room that is left.
    const std::lock_guard lock(queue_mutex_);
    for (std::size_t i = 0; i < results.size(); ++i) {
      const bool good = results[i].ok();
      admission_.answered(answered[i].command, good && !results[i]->duplicate);
    }
    room_->promise(admission_.promised() * kBytesPerOutcome);
  }
  for (std::size_t i = 0; i < results.size(); ++i) answered[i].done(std::move(results[i]));
}

Result<void> LogLedger::write_group(std::span<Pending> batch, Results& results) {
  OpenGroup group;
  FLORIN_TRY_VOID(prepare_group(group));
  const std::optional<Error> refusal = shortage();
  for (const Pending& pending : batch) {
    if (group.bytes.size() >= kMaxGroupBytes) break;
    if (refusal.has_value() && pending.command.origin == Origin::command) {
      results.emplace_back(*refusal);
      continue;
    }
    bool fault = false;
    results.push_back(decide(pending.command, group, fault));
    if (fault) return results.back().error();
  }
  if (group.frames == 0) return {};
  FLORIN_TRY_VOID(seal_pending(group, true));
  const std::int64_t flushing_since_ns = clock_.monotonic_ns();
  FLORIN_TRY_VOID(parts_.segments->append_group(std::move(group.bytes), group.frames));
  flush_ns_ = clock_.monotonic_ns() - flushing_since_ns;
  if (uncommitted_entries_ == 0) uncommitted_since_ns_ = clock_.monotonic_ns();
  uncommitted_entries_ += group.frames;
  for (const verify::Leaf& leaf : group.irregular) alarm(leaf, parts_.options.directory);
  publish_durable();
  return {};
}

std::optional<Error> LogLedger::shortage() {
  std::string_view what;
  std::uint64_t promised = 0;
  std::uint64_t promised_by_all_bytes = 0;
  {
    const std::lock_guard lock(queue_mutex_);
    promised = admission_.promised();
    room_->promise(promised * kBytesPerOutcome);
    promised_by_all_bytes = room_->promised_by_all();
  }
  const auto free_bytes = parts_.files.free_bytes(parts_.options.directory);
  if (!free_bytes.ok()) {
    what = "the free space of the file system is not known";
  } else if (*free_bytes < kMinFreeBytes + promised_by_all_bytes) {
    what = "the file system is nearly full";
  } else if (!parts_.store->has_head_room(promised * kOutcomeBytes)) {
    what = "the database map is nearly full";
  }
  const bool is_short = !what.empty();
  if (is_short != std::exchange(short_of_space_, is_short)) {
    log(is_short ? LogLevel::error : LogLevel::info, "ledger.space",
        {{"directory", parts_.options.directory.string()},
         {"commands", is_short ? "refused" : "taken"},
         {"reason", what}});
  }
  if (!is_short) return std::nullopt;
  return Error(Errc::overloaded, {}, {}, std::string(what));
}

Result<void> LogLedger::prepare_group(OpenGroup& group) {
  const std::uint32_t key_version = parts_.keyring->tenant_keys().active_version();
  if (parts_.segments->needs_segment(key_version)) {
    SegmentHeader header;
    header.key_version = key_version;
    header.tenant = parts_.options.tenant;
    header.mode = parts_.options.mode;
    header.first_seq = tip_.next_seq;
    header.created_at = clock_.now();
    header.previous_leaf = tip_.leaf_hash;
    header.after_cut = std::exchange(parts_.after_cut, false);
    entropy_.fill(header.salt);
    FLORIN_TRY(header, parts_.segments->begin_segment(header, parts_.keyring->tenant_keys()));
    parts_.keyring->add(header.number, {header.key_version, header.salt});
  }
  if (!transaction_.has_value()) {
    FLORIN_TRY(auto transaction, parts_.store->environment().write());
    transaction_.emplace(std::move(transaction));
  }
  group.start = parts_.segments->position();
  FLORIN_TRY(group.keys, parts_.keyring->get(group.start.segment));
  return {};
}

Result<Receipt> LogLedger::decide(const Command& command, OpenGroup& group, bool& fault) {
  ApplyContext context;
  context.tenant = parts_.options.tenant;
  context.mode = parts_.options.mode;
  context.now = clock_.now();
  entropy_.fill(context.salt);
  context.fingerprint = command_fingerprint(parts_.fingerprint_key.view(), command);
  if (command.type == EntryType::genesis && parts_.options.evaluation) {
    context.flags = verify::kFlagEvaluation;
  }
  const EntryRecord* newest = group.unsealed.has_value() ? &*group.unsealed : nullptr;
  const LmdbState state(*transaction_, parts_.store->tables(), *parts_.keyring, tip_, newest);
  auto applied = apply(state, command, context);
  if (!applied.ok()) {
    fault = is_fault(applied.error());
    return applied.error();
  }
  if (const auto* duplicate = std::get_if<Receipt>(&*applied)) return *duplicate;
  EntryRecord& record = std::get<EntryRecord>(*applied);
  fault = true;
  FLORIN_TRY_VOID(seal_pending(group, false));
  const EntryPlace place{group.start.segment, group.start.frame + group.frames};
  FLORIN_TRY_VOID(project(*transaction_, parts_.store->tables(), *parts_.keyring,
                          parts_.store->projectors(), record, place, tip_, edge_));
  fault = false;
  tree_.append(record.leaf_hash);
  if (is_irregular(record.leaf)) group.irregular.push_back(record.leaf);
  const Receipt receipt{record.leaf.seq, record.leaf.booked_at, false};
  group.unsealed = std::move(record);
  ++group.frames;
  return receipt;
}

Result<void> LogLedger::seal_pending(OpenGroup& group, bool last) {
  if (!group.unsealed.has_value()) return {};
  const EntryRecord& record = *group.unsealed;
  FrameHeader header;
  header.frame = group.start.frame + group.frames - 1;
  header.group = group.start.group;
  header.last_of_group = last;
  const Bytes frame =
      seal_frame(group.keys->segment.view(), header, record.leaf_bytes, record.body_bytes);
  FLORIN_TRY_VOID(store_frame(*transaction_, parts_.store->tables(), record.leaf.seq,
                              group.start.segment, frame, tip_));
  group.bytes.insert(group.bytes.end(), frame.begin(), frame.end());
  group.unsealed.reset();
  return {};
}

bool LogLedger::commit_is_due() const {
  return uncommitted_entries_ >= kMaxUncommittedEntries ||
         (uncommitted_entries_ > 0 &&
          clock_.monotonic_ns() - uncommitted_since_ns_ >= kMaxUncommitted_ns);
}

Result<void> LogLedger::commit_and_fill() {
  FLORIN_TRY_VOID(commit());
  return parts_.segments->fill_ahead();
}

Result<void> LogLedger::commit() {
  if (!transaction_.has_value()) return {};
  if (uncommitted_entries_ == 0) {
    transaction_.reset();
    return {};
  }
  FLORIN_TRY_VOID(
      write_tip(*transaction_, parts_.store->tables(), tip_, parts_.store->projectors().version));
  Result<void> committed = transaction_->commit();
  transaction_.reset();
  FLORIN_TRY_VOID(std::move(committed));
  uncommitted_entries_ = 0;
  publish_visible();
  return {};
}

}  // namespace florin::ledger
