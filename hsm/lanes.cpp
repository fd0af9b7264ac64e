#include "hsm/lanes.h"

#include <algorithm>

namespace florin::hsm {
namespace {

using SteadyClock = std::chrono::steady_clock;

}  // namespace

Lanes::Lanes(LanesOptions options) {
  core_->options = std::move(options);
  if (!core_->options.make) {
    core_->options.make = [] { return std::make_unique<LaneState>(); };
  }
  const std::lock_guard lock(core_->mutex);
  for (std::size_t i = 0; i < core_->options.lanes; ++i) add_worker(core_);
}

Lanes::~Lanes() {
  // The errors of an implicit stop have nobody to go to; stop() is the way to learn them.
  static_cast<void>(stop(Duration(0)).ok());
}

void Lanes::add_worker(const std::shared_ptr<Core>& core) {
  const auto worker = std::make_shared<Worker>();
  worker->state = core->options.make();
  core->workers.push_back(worker);
  worker->thread = std::thread([core, worker] { serve(core, worker); });
}

void Lanes::serve(const std::shared_ptr<Core>& core, const std::shared_ptr<Worker>& worker) {
  std::unique_lock lock(core->mutex);
  while (true) {
    core->changed.wait(lock, [&] {
      return core->stopping || worker->quarantined || (!core->paused && !core->queue.empty());
    });
    if (core->stopping || worker->quarantined) break;
    const std::shared_ptr<Job> job = std::move(core->queue.front());
    core->queue.pop_front();
    job->state = JobState::running;
    job->started = worker->started = SteadyClock::now();
    job->worker = worker.get();
    worker->busy = true;
    core->changed.notify_all();
    lock.unlock();
    job->work(*worker->state);
    // What an abandoned job owns may be the lanes themselves, so it goes before the lock is taken.
    job->work = nullptr;
    lock.lock();
    job->state = JobState::done;
    job->worker = nullptr;
    // A quarantined lane counts as stuck until its session is closed too.
    worker->busy = worker->quarantined;
    core->changed.notify_all();
  }
  if (core->options.end) {
    // It may call the module too, and hang there.
    worker->busy = true;
    core->changed.notify_all();
    lock.unlock();
    core->options.end(*worker->state);
    lock.lock();
  }
  worker->busy = false;
  worker->ended = true;
  if (worker->quarantined) std::erase(core->workers, worker);
  core->changed.notify_all();
}

void Lanes::quarantine(const std::shared_ptr<Core>& core, Worker& worker) {
  worker.quarantined = true;
  if (worker.thread.joinable()) worker.thread.detach();
  if (!core->stopping && count_stuck(*core) < core->options.most_stuck) add_worker(core);
  core->changed.notify_all();
}

std::size_t Lanes::count_stuck(const Core& core) {
  return static_cast<std::size_t>(
      std::ranges::count_if(core.workers, [](const auto& worker) { return worker->quarantined; }));
}

Result<void> Lanes::wait_for(std::function<void(LaneState&)> work, Duration timeout) {
  const TimePoint deadline = SteadyClock::now() + timeout;
  const auto job = std::make_shared<Job>();
  job->work = std::move(work);
  std::unique_lock lock(core_->mutex);
  if (!core_->stopping && core_->queue.size() >= core_->options.queue_limit) {
    return Error(Errc::overloaded);
  }
  core_->queue.push_back(job);
  core_->changed.notify_all();
  while (job->state != JobState::done) {
    if (job->state == JobState::waiting) {
      const bool none_left = count_stuck(*core_) == core_->workers.size();
      const bool late = SteadyClock::now() >= deadline;
      if (core_->stopping || none_left || late) {
        std::erase(core_->queue, job);
        return Error(core_->stopping || none_left ? Errc::hsm_unavailable : Errc::overloaded);
      }
      core_->changed.wait_until(lock, deadline);
      continue;
    }
    // Every running job has its caller waiting here, so a stuck one is found at its own deadline.
    const TimePoint stuck_at = job->started + timeout;
    if (SteadyClock::now() >= stuck_at) {
      quarantine(core_, *job->worker);
      return Error(Errc::timed_out);
    }
    core_->changed.wait_until(lock, stuck_at);
  }
  return {};
}

bool Lanes::pause(Duration timeout) {
  std::unique_lock lock(core_->mutex);
  if (core_->paused) return false;
  core_->paused = true;
  const bool quiet = core_->changed.wait_for(lock, timeout, [&] {
    return std::ranges::none_of(core_->workers, [](const auto& worker) { return worker->busy; });
  });
  if (!quiet) {
    core_->paused = false;
    core_->changed.notify_all();
  }
  return quiet;
}

void Lanes::resume() {
  const std::lock_guard lock(core_->mutex);
  core_->paused = false;
  core_->changed.notify_all();
}

Result<void> Lanes::stop(Duration timeout) {
  std::unique_lock lock(core_->mutex);
  core_->stopping = true;
  core_->changed.notify_all();
  const auto all_ended = [&] {
    return std::ranges::all_of(core_->workers, [](const auto& worker) { return worker->ended; });
  };
  const auto none_idle = [&] {
    return std::ranges::all_of(core_->workers,
                               [](const auto& worker) { return worker->ended || worker->busy; });
  };
  core_->changed.wait_for(lock, timeout, all_ended);
  // Idle threads begin to end at once; only a running module call can keep us waiting.
  core_->changed.wait(lock, none_idle);
  std::vector<std::thread> threads;
  bool stuck = false;
  for (const auto& worker : core_->workers) {
    stuck = stuck || !worker->ended;
    if (!worker->thread.joinable()) continue;
    if (worker->ended) {
      threads.push_back(std::move(worker->thread));
    } else {
      // Never taken back: it ends by itself when its call returns.
      worker->thread.detach();
    }
  }
  lock.unlock();
  for (std::thread& thread : threads) thread.join();
  if (stuck) {
    return Error(Errc::hsm_unavailable, {}, {}, "a call into the security module is stuck");
  }
  return {};
}

std::size_t Lanes::stuck() const {
  const std::lock_guard lock(core_->mutex);
  return count_stuck(*core_);
}

Lanes::Duration Lanes::stuck_for() const {
  const std::lock_guard lock(core_->mutex);
  std::optional<TimePoint> oldest;
  for (const auto& worker : core_->workers) {
    if (!worker->quarantined) continue;
    if (!oldest.has_value() || worker->started < *oldest) oldest = worker->started;
  }
  if (!oldest.has_value()) return Duration(0);
  return std::chrono::duration_cast<Duration>(SteadyClock::now() - *oldest);
}

}  // namespace florin::hsm
