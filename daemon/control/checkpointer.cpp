#include "daemon/control/checkpointer.h"

#include "base/log.h"

namespace florin::control {
namespace {

constexpr std::chrono::hours kAnchorEvery{1};
// After a failure: the security module may be away for long.
constexpr std::chrono::minutes kAnchorAgain{1};

}  // namespace

Checkpointer::Checkpointer(Signer& signer, AnchorStore& anchors, std::chrono::milliseconds interval)
    : signer_(signer), anchors_(anchors), interval_(interval), thread_([this] { run(); }) {}

Checkpointer::~Checkpointer() {
  stop();
}

void Checkpointer::watch(std::shared_ptr<ledger::Ledger> ledger) {
  const std::lock_guard lock(mutex_);
  ledgers_.push_back(std::move(ledger));
  next_anchor_ = {};
}

void Checkpointer::let_go(const std::shared_ptr<ledger::Ledger>& ledger) {
  const std::lock_guard lock(mutex_);
  std::erase(ledgers_, ledger);
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
  anchor_all();
}

void Checkpointer::run() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      if (wake_.wait_for(lock, interval_, [this] { return stopping_; })) return;
    }
    sign_all();
    bool due = false;
    {
      const std::lock_guard lock(mutex_);
      due = !ledgers_.empty() && std::chrono::steady_clock::now() >= next_anchor_;
    }
    if (due) anchor_all();
  }
}

std::vector<std::shared_ptr<ledger::Ledger>> Checkpointer::watched() {
  const std::lock_guard lock(mutex_);
  return ledgers_;
}

void Checkpointer::anchor_all() {
  {
    // First, so that a ledger which comes meanwhile makes it due again.
    const std::lock_guard lock(mutex_);
    next_anchor_ = std::chrono::steady_clock::now() + kAnchorEvery;
  }
  AnchoredHeads heads;
  for (const auto& ledger : watched()) {
    const auto head = ledger::signed_head(*ledger);
    if (head.ok() && head->has_value()) heads.insert_or_assign(ledger->options().origin, **head);
  }
  if (heads.empty()) return;
  if (auto stored = anchors_.store(heads); !stored.ok()) {
    log_error("anchor.failed", stored.error());
    const std::lock_guard lock(mutex_);
    next_anchor_ = std::chrono::steady_clock::now() + kAnchorAgain;
  }
}

void Checkpointer::sign_all() {
  for (const auto& ledger : watched()) {
    const ledger::Head head = ledger->head();
    if (head.next_seq == head.signed_size) continue;
    // A checkpoint that could not be signed stays due: the next round tries again.
    if (auto signed_size = ledger->checkpoint(signer_); !signed_size.ok()) {
      log_error("checkpoint.failed", signed_size.error(), {{"origin", ledger->options().origin}});
    }
  }
}

}  // namespace florin::control
