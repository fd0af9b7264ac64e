#pragma once
/// The keys of one tenant as a port: whoever holds it can open that tenant's data and nobody
/// else's.
#include <memory>
#include <string_view>

#include "base/bytes.h"
#include "base/secret.h"

namespace florin {

/// A tenant's root key behind derivation; the root itself is not reachable. Thread-safe.
class TenantKeys {
 public:
  virtual ~TenantKeys() = default;
  /// A 32-byte subkey: HKDF-SHA-256 of the root with `salt` and the label as info.
  /// Error: `hsm_unavailable` when the keys were zeroed.
  [[nodiscard]] virtual Result<Secret> derive(std::string_view label,
                                              BytesView salt = {}) const = 0;
};

}  // namespace florin
