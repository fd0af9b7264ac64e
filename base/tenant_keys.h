#pragma once
/// The keys of one tenant as a port: whoever holds it can open that tenant's data and nobody
/// else's.
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/bytes.h"
#include "base/secret.h"

namespace florin {

/// A tenant's root keys behind derivation; the roots themselves are not reachable. There are two.
/// One for digests that must never change, since they name rows: it has one version for ever. One
/// for everything that is opened again: it is rotated, and what is sealed says under which version.
/// Thread-safe.
class TenantKeys {
 public:
  virtual ~TenantKeys() = default;
  /// A 32-byte subkey for keyed digests: HKDF-SHA-256 of the index root with `salt` and the label
  /// as info. The same for ever. Error: `hsm_unavailable` when the keys were zeroed.
  [[nodiscard]] virtual Result<Secret> index_key(std::string_view label,
                                                 BytesView salt = {}) const = 0;
  /// The version that new data is sealed under; it grows with each rotation. Take it once for one
  /// piece of data and write it beside the data.
  [[nodiscard]] virtual std::uint32_t active_version() const = 0;
  /// A 32-byte subkey of one version of the general root. Errors: `hsm_unavailable` when the keys
  /// were zeroed, `decryption_failed` for a version that is not there, not in use yet, disabled or
  /// destroyed.
  [[nodiscard]] virtual Result<Secret> derive_in(std::uint32_t version, std::string_view label,
                                                 BytesView salt = {}) const = 0;
};

}  // namespace florin
