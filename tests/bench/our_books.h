#pragma once
/// The ledger through its public interface, on a real disk, with sealing on.
#include <filesystem>

#include "base/clock.h"
#include "base/entropy.h"
#include "bench/transfers.h"
#include "ledger/ledger.h"

namespace florin::bench {

/// As in tenants/<tenant>/<mode>/epoch-1.
ledger::OpenOptions ledger_options(const std::filesystem::path& directory);
std::shared_ptr<const TenantKeys> ledger_keys();
ledger::Command command_of(const Transfer& transfer);

class OurBooks final : public Books {
 public:
  /// Creates the ledger in `directory` (made when absent), or opens it.
  explicit OurBooks(const std::filesystem::path& directory);
  std::unique_ptr<Client> client() override;
  void settle() override;
  /// One transfer for each account, so that none is opened while time is taken.
  void open_accounts();
  ledger::Ledger& ledger() { return *ledger_; }

 private:
  SystemClock clock_;
  SystemEntropy entropy_;
  ledger::ProjectorSet projectors_{1, {}};
  std::unique_ptr<ledger::Ledger> ledger_;
};

}  // namespace florin::bench
