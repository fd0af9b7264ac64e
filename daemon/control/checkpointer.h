#pragma once
/// Signs the heads of ledgers that have new entries, one after the other, on a thread of its own:
/// the security module is never on the way of a payment.
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "ledger/ledger.h"

namespace florin::control {

/// Thread-safe.
class Checkpointer {
 public:
  /// `signer` outlives it.
  Checkpointer(Signer& signer, std::chrono::milliseconds interval);
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  void watch(std::shared_ptr<ledger::Ledger> ledger);
  /// Signs what is unsigned for the last time and ends the thread.
  void stop();

 private:
  void run();
  void sign_all();

  Signer& signer_;
  std::chrono::milliseconds interval_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::shared_ptr<ledger::Ledger>> ledgers_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace florin::control
