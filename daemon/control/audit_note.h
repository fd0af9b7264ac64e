#pragma once
/// An audit entry that carries nothing but a sentence and who caused it.
#include <cstdint>
#include <string>

#include "base/entropy.h"
#include "ledger/ledger.h"

namespace florin::control {

/// `note` is public: printable ASCII, at most 200 bytes. Waits until reads see it. Errors: those of
/// the ledger.
Result<void> append_note(ledger::Ledger& books, std::string note, std::uint32_t uid,
                         const Clock& clock, Entropy& entropy);

}  // namespace florin::control
