#pragma once
/// Private to this room: what wrap and unwrap do on a lane.
#include <map>

#include "hsm/supervisor.h"

namespace florin::hsm {

/// The key of this number. Error: `hsm_key_missing`.
Result<const KeyOnToken*> key_in(const std::map<std::uint32_t, KeyOnToken>& keys,
                                 const KeySpec& spec);
/// Errors: as Hsm::wrap.
Result<Bytes> wrap_with(Call& call, const KeySpec& spec, BytesView text, BytesView context);
/// Errors: as Hsm::unwrap; the session's failure class tells a bad blob from a sick token.
Result<Secret> unwrap_with(Call& call, const KeySpec& spec, BytesView blob, BytesView context);

}  // namespace florin::hsm
