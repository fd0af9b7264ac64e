#pragma once
/// The security module as the keyring needs it.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "base/signature.h"
#include "hsm/hsm.h"

namespace florin::vault {

/// Thread-safe. Every call may block for the module's deadline. Errors: those of the Hsm.
class KeyGuard {
 public:
  virtual ~KeyGuard() = default;
  /// Under the key-encryption key in use.
  virtual Result<Bytes> wrap(BytesView plaintext, BytesView aad) = 0;
  /// Error: `hsm_key_missing` when the module has no such key, `key_unwrap_failed`.
  virtual Result<Secret> unwrap(std::uint32_t kek, BytesView blob, BytesView aad) = 0;
  /// The numbers of all key-encryption keys, ascending.
  [[nodiscard]] virtual std::vector<std::uint32_t> keks() const = 0;
  [[nodiscard]] virtual std::uint32_t kek_in_use() const = 0;
  /// Error: `hsm_key_missing`.
  virtual Result<void> use_kek(std::uint32_t number) = 0;
  /// Makes the key with the next number; it is not in use yet.
  virtual Result<std::uint32_t> create_next_kek() = 0;
  /// For ever. Error: `state_conflict` when it is in use, `hsm_key_missing`.
  virtual Result<void> destroy_kek(std::uint32_t number) = 0;
  virtual Result<void> random(std::span<std::uint8_t> out) = 0;
  /// A few bytes outside the data directory. After a crash the old value or the new one is there.
  virtual Result<std::optional<Bytes>> read_seal() = 0;
  virtual Result<void> write_seal(BytesView seal) = 0;
  /// Of the audit key.
  virtual Signer& signer() = 0;
};

/// Over the module itself, which outlives it.
std::unique_ptr<KeyGuard> make_key_guard(hsm::Hsm& hsm);

}  // namespace florin::vault
