#pragma once
/// Names to addresses. Private to this room.
#include <string>
#include <vector>

#include "base/result.h"
#include "daemon/net/address_guard.h"
#include "daemon/net/runtime.h"

namespace florin::net {

/// Address literals need no look-up. getaddrinfo(3) runs on the pool for blocking calls; when the
/// limit passes first its answer is dropped. Errors: `connection_failed`, `timed_out`.
Task<Result<std::vector<AddressBytes>>> resolve(Runtime& runtime, std::string host,
                                                std::chrono::milliseconds limit);

}  // namespace florin::net
