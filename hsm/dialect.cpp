#include "hsm/dialect.h"

#include <array>

namespace florin::hsm {
namespace {

using std::chrono::milliseconds;

constexpr std::array<Dialect, 7> kDialects = {{
    {.name = "softhsm",
     .manufacturer = "SoftHSM",
     .lanes = 1,
     .op_timeout = milliseconds(250),
     .iv = IvRule::caller,
     .tried = true,
     .facts =
         "for evaluation only: more lanes make it slower; without an IV or with a tag of 0 bits "
         "it encrypts all the same; a changed bit of a stored key goes unnoticed; wrong PINs "
         "are not counted; a lost token heals by starting the module anew"},
    {.name = "luna",
     .manufacturer = "SafeNet",
     .lanes = 8,
     .op_timeout = milliseconds(2'000),
     .iv = IvRule::appended,
     .facts =
         "in FIPS mode the device makes a 16-byte IV and appends it to the output (from firmware "
         "7.9.3 on when none is given), else the caller's is used; about 30 threads reach the best "
         "rate; Ed25519 is not FIPS-approved; "
         "when all members of an HA group were lost the module has to be started anew"},
    {.name = "nshield",
     .manufacturer = "nCipher",
     .lanes = 4,
     .op_timeout = milliseconds(2'000),
     .iv = IvRule::unknown,
     .facts =
         "load sharing survives the loss of one module, else sessions are closed; whether a PIN "
         "unlocks depends on card sets; initialising a token is limited in FIPS level 3"},
    {.name = "utimaco",
     .manufacturer = "Utimaco",
     .lanes = 1,
     .op_timeout = milliseconds(2'000),
     .iv = IvRule::unknown,
     .facts = "other projects tell its users to keep to one worker; backup by MBK shares"},
    {.name = "cloudhsm",
     .manufacturer = "CloudHSM",
     .lanes = 4,
     .op_timeout = milliseconds(2'000),
     .iv = IvRule::written_back,
     .facts =
         "the IV buffer must be zero and is written back; at most 16 KiB a call; no read-only "
         "sessions; the PIN is user:password; throttling shows as a device error, and too fast "
         "opening of sessions as bad arguments"},
    {.name = "yubihsm2",
     .manufacturer = "Yubico",
     .lanes = 1,
     .op_timeout = milliseconds(5'000),
     .iv = IvRule::none,
     .facts = "no AES-GCM through PKCS#11, so it cannot hold kek; 16 sessions in all, closed after "
              "30 s of silence; 256 objects; no SO role; the PIN is four hexadecimal digits of the "
              "authentication key, then its password"},
    {.name = "generic",
     .manufacturer = "",
     .lanes = 1,
     .op_timeout = milliseconds(2'000),
     .iv = IvRule::unknown,
     .facts = "nothing is known about this module"},
}};

}  // namespace

std::string_view iv_rule_name(IvRule rule) noexcept {
  switch (rule) {
    case IvRule::caller:
      return "caller";
    case IvRule::written_back:
      return "written-back";
    case IvRule::appended:
      return "appended";
    case IvRule::prepended:
      return "prepended";
    case IvRule::none:
      return "none";
    case IvRule::unknown:
      break;
  }
  return "unknown";
}

std::span<const Dialect> dialects() noexcept {
  return kDialects;
}

const Dialect& dialect_of(std::string_view manufacturer, std::string_view model) noexcept {
  for (const Dialect& row : kDialects) {
    if (manufacturer.find(row.manufacturer) != std::string_view::npos ||
        model.find(row.manufacturer) != std::string_view::npos) {
      return row;
    }
  }
  return kDialects.back();
}

}  // namespace florin::hsm
