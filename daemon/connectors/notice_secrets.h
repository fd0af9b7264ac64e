#pragma once
/// The signing secret of a connector's notices and the one before it, as one secret to be sealed.
#include <vector>

#include "base/secret.h"

namespace florin::connectors {

/// Each at most 128 bytes; `previous` may be empty.
Secret join_notice_secrets(BytesView current, BytesView previous);
/// The secret in force first. Error: `decryption_failed` when it is not such a pair.
Result<std::vector<Secret>> split_notice_secrets(const Secret& joined);

}  // namespace florin::connectors
