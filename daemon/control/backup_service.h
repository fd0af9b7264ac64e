#pragma once
/// Backups of the whole appliance while it serves, one at a time, on a thread of their own.
#include <atomic>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "base/json.h"
#include "base/signature.h"
#include "daemon/control/appliance.h"
#include "ledger/backup.h"

namespace florin::control {

struct BackupSources {
  std::filesystem::path data_directory;
  std::filesystem::path parent;  ///< where backups are made; empty when none is configured
  /// Writes a copy of the database into an empty directory. Keys are not in a backup of data.
  std::function<Result<void>(const std::filesystem::path&)> copy_delivery;
};

/// Thread-safe. What it refers to outlives it.
class BackupService {
 public:
  BackupService(BackupSources sources, Appliance& appliance, Signer& signer, const Clock& clock,
                Entropy& entropy);
  ~BackupService() { stop(); }
  BackupService(const BackupService&) = delete;
  BackupService& operator=(const BackupService&) = delete;

  /// Begins `<parent>/backup-<UTC time>` and returns at once: {name, directory, state}. Errors:
  /// `config_invalid` (no directory is configured), `state_conflict` while one is being made,
  /// `shutting_down`, those of the system ledger, which keeps who asked.
  Result<json::object> start(Person person);
  /// Every backup that is there, oldest first, and the one that is being made or failed last.
  [[nodiscard]] Result<json::array> list() const;
  /// Gives up what is being made and takes no more orders.
  void stop();

 private:
  struct Job {
    std::string name;
    std::string state;  ///< running, made, failed; empty when there was none since the start
    std::string problem;
    ledger::BackupSummary summary;
    UnixNanos started_at = 0;
    UnixNanos ended_at = 0;
  };
  void run(const std::string& name, Person person);
  Result<ledger::BackupSummary> make(const std::string& name);
  Result<void> copy_ledgers(ledger::BackupDirectory& backup);
  Result<void> remove_unfinished() const;
  [[nodiscard]] static json::object document(const Job& job, const std::filesystem::path& parent);

  BackupSources sources_;
  Appliance& appliance_;
  Signer& signer_;
  const Clock& clock_;
  Entropy& entropy_;
  std::atomic<bool> cancelled_ = false;
  std::mutex start_mutex_;  ///< guards thread_
  std::thread thread_;
  mutable std::mutex mutex_;
  Job job_;
};

}  // namespace florin::control
