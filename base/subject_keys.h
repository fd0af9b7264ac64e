#pragma once
/// The keys of the data subjects of one ledger as a port: one key per subject, which is destroyed
/// when the subject is erased.
#include <cstdint>

#include "base/result.h"
#include "base/secret.h"

namespace florin {

enum class SubjectKeyState : std::uint8_t {
  present,
  destroyed,  ///< the subject was erased
  lost,       ///< of a pool that this keyring does not have
};

struct SubjectKey {
  SubjectKeyState state = SubjectKeyState::lost;
  Secret key;  ///< 32 bytes; empty unless present
};

/// Thread-safe. Neither call waits for the disk or the security module.
class SubjectKeys {
 public:
  virtual ~SubjectKeys() = default;
  /// The number of a key that was never given before and is durable. Error: `hsm_unavailable` when
  /// none is ready; more are being made.
  virtual Result<std::uint64_t> take() = 0;
  /// Errors: `hsm_unavailable` when the keys were zeroed, `decryption_failed` when the stored key
  /// is damaged.
  [[nodiscard]] virtual Result<SubjectKey> open(std::uint64_t slot) const = 0;
};

}  // namespace florin
