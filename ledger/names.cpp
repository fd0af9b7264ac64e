#include "ledger/command.h"
#include "ledger/ledger.h"

namespace florin::ledger {

std::string_view entry_type_name(EntryType type) noexcept {
  switch (type) {
    case EntryType::genesis:
      return "genesis";
    case EntryType::audit:
      return "audit";
    case EntryType::authorization:
      return "authorization";
    case EntryType::capture:
      return "capture";
    case EntryType::release:
      return "release";
    case EntryType::refund:
      return "refund";
    case EntryType::payment_state:
      return "payment_state";
    case EntryType::reversal:
      return "reversal";
    case EntryType::adjustment:
      return "adjustment";
    case EntryType::increment:
      return "increment";
    case EntryType::expiry:
      return "expiry";
    case EntryType::clock:
      return "clock";
    case EntryType::period:
      return "period";
    case EntryType::account:
      return "account";
    case EntryType::recovery:
      return "recovery";
  }
  return "unknown";
}

std::string_view mode_name(Mode mode) noexcept {
  switch (mode) {
    case Mode::system:
      return "system";
    case Mode::test:
      return "test";
    case Mode::live:
      return "live";
  }
  return "unknown";
}

Result<Mode> parse_mode(std::string_view text) {
  for (const Mode mode : {Mode::system, Mode::test, Mode::live}) {
    if (text == mode_name(mode)) return mode;
  }
  return Error(Errc::malformed_value, "mode", "expected system, test or live");
}

}  // namespace florin::ledger
