#include "daemon/control/name_key.h"

#include <algorithm>

#include "base/hash.h"

namespace florin::control {

Result<Key16> name_key(const TenantKeys& keys, ledger::Mode mode, std::string_view name) {
  FLORIN_TRY(Secret key, keys.index_key("names/1"));
  const auto mode_byte = static_cast<std::uint8_t>(mode);
  const Hash32 whole = hmac_sha256(key.view(), {BytesView(&mode_byte, 1), view_of(name)});
  Key16 out{};
  std::copy_n(whole.begin(), out.size(), out.begin());
  return out;
}

}  // namespace florin::control
