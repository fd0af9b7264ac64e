#pragma once
/// Signs the heads of ledgers that have new entries, one after the other, on a thread of its own:
/// the security module is never on the way of a payment. The signed heads are anchored then: every
/// hour, when a ledger is new, and at the end.
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "daemon/control/anchor_store.h"
#include "ledger/ledger.h"

namespace florin::control {

/// Thread-safe.
class Checkpointer {
 public:
  /// Both outlive it; `anchors` is loaded.
  Checkpointer(Signer& signer, AnchorStore& anchors, std::chrono::milliseconds interval);
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  void watch(std::shared_ptr<ledger::Ledger> ledger);
  /// Signs it no more, once the round in hand has ended.
  void let_go(const std::shared_ptr<ledger::Ledger>& ledger);
  /// Signs what is unsigned for the last time, anchors it and ends the thread.
  void stop();

 private:
  void run();
  void sign_all();
  void anchor_all();
  std::vector<std::shared_ptr<ledger::Ledger>> watched();

  Signer& signer_;
  AnchorStore& anchors_;
  std::chrono::milliseconds interval_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::shared_ptr<ledger::Ledger>> ledgers_;
  std::chrono::steady_clock::time_point next_anchor_{};  // a new ledger makes it due at once
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace florin::control
