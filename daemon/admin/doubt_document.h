#pragma once
/// An operation in doubt as operators see it.
#include "base/json.h"
#include "daemon/engine/doubts.h"

namespace florin::admin {

/// Amount, age in whole seconds, what was tried and when it is tried again.
json::object doubt_document(const engine::Doubt& doubt, UnixNanos now);

}  // namespace florin::admin
