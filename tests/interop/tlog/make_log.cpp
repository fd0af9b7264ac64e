// A real ledger with as many entries as asked for, exported as tiles.
// usage: interop_make_log DIRECTORY ENTRIES
#include <cstdio>
#include <cstdlib>

#include "base/log.h"
#include "ledger/tlog_export.h"
#include "unit/ledger/ledger_fixture.h"

namespace florin::ledger {
namespace {

/// The fixture's ledger outside of a test.
class LogMaker : public LedgerTest {
 public:
  int make(const std::filesystem::path& directory, std::uint64_t entries) {
    open();
    if (ledger_ == nullptr) return 1;
    std::uint64_t entry = 0;
    while (ledger_->head().next_seq < entries) {
      std::vector<Command> commands;
      const std::uint64_t missing = entries - ledger_->head().next_seq;
      for (std::uint64_t i = 0; i < std::min<std::uint64_t>(missing, 4096); ++i) {
        ++entry;
        commands.push_back(entry % 3 == 0 ? command_of(entry) : transfer(entry, entry, entry % 7));
      }
      for (const auto& result : ledger_->append(std::move(commands))) {
        if (!result.ok()) return fail(result.error());
      }
    }
    test::TestSigner signer;
    if (const auto made = ledger_->checkpoint(signer); !made.ok()) return fail(made.error());
    const auto exported =
        export_tlog(*ledger_, directory, signer.public_key_der(), **ledger_->last_checkpoint());
    if (!exported.ok()) return fail(exported.error());
    std::printf("size %llu\nroot %s\nfiles %llu\n", static_cast<unsigned long long>(exported->size),
                to_hex(exported->root).c_str(), static_cast<unsigned long long>(exported->files));
    return 0;
  }

 private:
  void TestBody() override {}
  static int fail(const Error& error) {
    std::fprintf(stderr, "interop_make_log: %s\n", error.to_log().c_str());
    return 1;
  }
};

}  // namespace
}  // namespace florin::ledger

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  florin::set_log_level(florin::LogLevel::error);
  florin::ledger::LogMaker maker;
  return maker.make(argv[1], std::strtoull(argv[2], nullptr, 10));
}
