#include "daemon/key_wiring.h"

#include "base/secret_arena.h"

namespace florin {
namespace {

// Some 65 000 secrets: about 1 000 tenants with both ledgers open and read.
constexpr std::size_t kArenaBytes = std::size_t{4} << 20U;

}  // namespace

std::unique_ptr<control::KeyService> make_key_service(Custody& custody, control::KeySources sources,
                                                      const Clock& clock, Entropy& entropy) {
  sources.let_go = [&checkpointer = custody.checkpointer(),
                    rest = std::move(sources.let_go)](const ledger::TenantLedger& ledger) {
    checkpointer.let_go(ledger.books);
    rest(ledger);
  };
  return std::make_unique<control::KeyService>(std::move(sources), custody.appliance(),
                                               custody.keyring(), clock, entropy);
}

std::filesystem::path bundle_directory(const Config& config) {
  return config.backup_directory.empty() ? std::filesystem::path()
                                         : config.backup_directory / "keys";
}

Result<void> lock_memory_for_keys() {
  return SecretArena::open(kArenaBytes);
}

}  // namespace florin
