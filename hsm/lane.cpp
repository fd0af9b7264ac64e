#include "hsm/lane.h"

#include <algorithm>

namespace florin::hsm {
namespace {

using SteadyClock = std::chrono::steady_clock;

}  // namespace

Lane::Lane(std::size_t queue_limit)
    : queue_limit_(queue_limit), thread_([core = core_] { serve(core); }) {}

Lane::~Lane() {
  // The errors of an implicit stop have nobody to go to; stop() is the way to learn them.
  if (thread_.joinable()) static_cast<void>(stop(Duration(0)).ok());
}

void Lane::serve(const std::shared_ptr<Core>& core) {
  std::unique_lock lock(core->mutex);
  while (true) {
    core->changed.wait(lock,
                       [&] { return core->stopping || core->quarantined || !core->queue.empty(); });
    if (core->stopping || core->quarantined) break;
    const std::shared_ptr<Job> job = std::move(core->queue.front());
    core->queue.pop_front();
    job->state = JobState::running;
    job->started = SteadyClock::now();
    core->running = job;
    core->changed.notify_all();
    lock.unlock();
    job->work();
    // What an abandoned job owns may be the lane itself, so it goes before the lock is taken.
    job->work = nullptr;
    lock.lock();
    job->state = JobState::done;
    core->running.reset();
    core->changed.notify_all();
  }
  const auto dropped = std::exchange(core->queue, {});
  core->ended = true;
  core->changed.notify_all();
  lock.unlock();
}

void Lane::quarantine_if_stuck(Core& core) {
  if (core.running == nullptr || core.quarantined) return;
  if (SteadyClock::now() - core.running->started < core.running->timeout) return;
  core.quarantined = true;
  core.changed.notify_all();
}

Result<void> Lane::wait_for(std::function<void()> work, Duration timeout) {
  const TimePoint deadline = SteadyClock::now() + timeout;
  const auto job = std::make_shared<Job>();
  job->work = std::move(work);
  job->timeout = timeout;
  std::unique_lock lock(core_->mutex);
  if (!core_->quarantined && !core_->stopping && core_->queue.size() >= queue_limit_) {
    return Error(Errc::overloaded);
  }
  core_->queue.push_back(job);
  core_->changed.notify_all();
  while (job->state != JobState::done) {
    quarantine_if_stuck(*core_);
    const bool waiting = job->state == JobState::waiting;
    if (core_->quarantined || (core_->stopping && waiting)) {
      std::erase(core_->queue, job);
      return Error(waiting ? Errc::hsm_unavailable : Errc::timed_out);
    }
    if (waiting && SteadyClock::now() >= deadline) {
      std::erase(core_->queue, job);
      return Error(Errc::timed_out);
    }
    // Whoever waits also watches the running job, so a stuck one is found at its own deadline.
    const TimePoint stuck_at =
        core_->running == nullptr ? deadline : core_->running->started + core_->running->timeout;
    core_->changed.wait_until(lock, waiting ? std::min(deadline, stuck_at) : stuck_at);
  }
  return {};
}

Result<void> Lane::stop(Duration timeout) {
  std::unique_lock lock(core_->mutex);
  core_->stopping = true;
  core_->changed.notify_all();
  const bool idle = core_->running == nullptr;
  const auto has_ended = [&] { return core_->ended; };
  // An idle thread ends at once; only a running module call can keep us waiting.
  if (idle) {
    core_->changed.wait(lock, has_ended);
  } else {
    core_->changed.wait_for(lock, timeout, has_ended);
  }
  const bool ended = core_->ended;
  lock.unlock();
  if (!thread_.joinable()) {
    return ended ? Result<void>{} : Result<void>{Error(Errc::hsm_unavailable)};
  }
  if (!ended) {
    thread_.detach();
    return Error(Errc::hsm_unavailable, {}, {}, "a call into the security module is stuck");
  }
  thread_.join();
  return {};
}

bool Lane::quarantined() const {
  const std::lock_guard lock(core_->mutex);
  return core_->quarantined;
}

}  // namespace florin::hsm
