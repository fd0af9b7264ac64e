#pragma once
/// From a ledger's outbox to delivery rows: pushed by commits, never polling.
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "daemon/delivery/writer.h"
#include "ledger/tenant_ledger.h"

namespace florin::delivery {

/// One attached ledger. Touched on the I/O thread only.
struct Source {
  LedgerKey key;
  ledger::TenantLedger books;
  std::uint64_t wanted_seq = 0;  ///< entries below it may have events
  std::uint64_t seen_seq = 0;    ///< entries below it were expanded
  bool running = false;
};

/// Keeps the set of ledgers with news. Must be held by a shared_ptr; the observers that it leaves
/// with ledgers hold it weakly. I/O thread only, but for the observers themselves.
class Pump : public std::enable_shared_from_this<Pump> {
 public:
  /// `expanded` is called on the I/O thread after rows were added.
  Pump(net::Runtime& runtime, std::shared_ptr<Writer> writer, std::function<void()> expanded)
      : runtime_(runtime), writer_(std::move(writer)), expanded_(std::move(expanded)) {}

  void attach(ledger::TenantLedger books);
  /// Lets go of a ledger; the pass in hand ends first. Its rows wait.
  void detach(const LedgerKey& key) { sources_.erase(key); }
  void start();
  /// No new passes; the one in hand ends after its transaction.
  void stop() { active_ = false; }
  [[nodiscard]] bool idle() const noexcept { return running_ == 0; }

  /// Null when the ledger is not attached.
  [[nodiscard]] std::shared_ptr<const Source> source(const LedgerKey& key) const;
  [[nodiscard]] std::set<LedgerKey> attached() const;

 private:
  void note(const LedgerKey& key, std::uint64_t next_seq);
  void run(const std::shared_ptr<Source>& source);
  net::Task<void> expand_all(std::shared_ptr<Source> source);
  net::Task<Result<bool>> expand_some(std::shared_ptr<Source> source);

  net::Runtime& runtime_;
  std::shared_ptr<Writer> writer_;
  std::function<void()> expanded_;
  std::map<LedgerKey, std::shared_ptr<Source>> sources_;
  std::size_t running_ = 0;
  bool active_ = false;
};

}  // namespace florin::delivery
