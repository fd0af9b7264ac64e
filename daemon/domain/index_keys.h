#pragma once
/// Under which index keys an object is found: pure, so that a rebuilt index equals the live one.
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/uuid.h"
#include "daemon/domain/kinds.h"

namespace florin::domain {

/// Raise when any key below changes: every index is then rebuilt at the next start.
inline constexpr std::uint32_t kIndexVersion = 5;

struct IndexKey {
  Index index{};
  Bytes key;
};

/// Owner's identifier, then the object's own: the shape of every "… of …" index.
Bytes owned_key(const Uuid& owner, const Uuid& id);

/// Connector and a digest of the PSP's name of an authorization; the object's id follows.
Bytes reference_key(const Uuid& connector, std::string_view psp_reference);

/// All keys of an object in a state. An object that cannot be decoded has none.
std::vector<IndexKey> index_keys(Kind kind, const Uuid& id, BytesView immutable, BytesView head);

}  // namespace florin::domain
