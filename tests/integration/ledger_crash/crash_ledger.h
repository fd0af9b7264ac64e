#pragma once
/// The ledger that is killed, as the writer and the test both open it.
#include "unit/ledger/ledger_fixture.h"

namespace florin::ledger::crash {

inline OpenOptions options_of(const std::filesystem::path& directory) {
  OpenOptions options;
  options.directory = directory;
  options.tenant = id_of(42, 0x11);
  options.mode = Mode::test;
  options.origin = "bank.example/ledger/tnt_crash/test";
  options.map_bytes = std::uint64_t{256} << 20U;
  options.segment_bytes = std::uint64_t{128} << 10U;  // small: segments are begun often
  return options;
}

inline const ProjectorSet& projectors() {
  static const ProjectorSet set{1, {&by_first_byte}};
  return set;
}

/// Command number `entry`: always the same, so that it may be given again after a crash.
inline Command command_number(std::uint64_t entry) {
  switch (entry % 4) {
    case 0:
      return rich(entry);
    case 1:
      return transfer(entry, 1 + entry % 997, entry % 5);
    case 2: {
      Command fact = transfer(entry, 7, entry % 3);
      fact.origin = Origin::fact;
      return fact;
    }
    default:
      return command_of(entry);
  }
}

}  // namespace florin::ledger::crash
