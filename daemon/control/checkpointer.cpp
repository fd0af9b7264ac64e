#include "daemon/control/checkpointer.h"

#include "base/log.h"

namespace florin::control {

Checkpointer::Checkpointer(Signer& signer, std::chrono::milliseconds interval)
    : signer_(signer), interval_(interval), thread_([this] { run(); }) {}

Checkpointer::~Checkpointer() {
  stop();
}

void Checkpointer::watch(std::shared_ptr<ledger::Ledger> ledger) {
  const std::lock_guard lock(mutex_);
  ledgers_.push_back(std::move(ledger));
}

void Checkpointer::stop() {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  sign_all();
}

void Checkpointer::run() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      if (wake_.wait_for(lock, interval_, [this] { return stopping_; })) return;
    }
    sign_all();
  }
}

void Checkpointer::sign_all() {
  std::vector<std::shared_ptr<ledger::Ledger>> ledgers;
  {
    const std::lock_guard lock(mutex_);
    ledgers = ledgers_;
  }
  for (const auto& ledger : ledgers) {
    const ledger::Head head = ledger->head();
    if (head.next_seq == head.signed_size) continue;
    // A checkpoint that could not be signed stays due: the next round tries again.
    if (auto signed_size = ledger->checkpoint(signer_); !signed_size.ok()) {
      log_error("checkpoint.failed", signed_size.error(), {{"origin", ledger->options().origin}});
    }
  }
}

}  // namespace florin::control
