#pragma once
/// One attempt without its I/O: the request before, the verdict after.
#include <optional>
#include <string>

#include "daemon/delivery/pump.h"
#include "daemon/delivery/store.h"
#include "daemon/net/client.h"

namespace florin::delivery {

struct Prepared {
  net::Url url;
  http::Request request;
};

/// A request to send, or the end of the attempt when there is none.
struct Preparation {
  std::optional<Prepared> prepared;
  AttemptEnd end;
};

/// Reads endpoint and event from the ledger, opens the secret, signs with `clock`'s present second
/// and wipes the secret again. Blocks on the ledger's database: runs on the pool. `jitter` is
/// random.
Preparation prepare(const Source& source, const Delivery& delivery, const std::string& agent,
                    const Clock& clock, std::uint64_t jitter);

/// What follows from the exchange. `now` is when it ended; `jitter` is random.
AttemptEnd conclude(const Delivery& delivery, const net::Exchange& exchange, UnixNanos now,
                    std::uint64_t jitter);

}  // namespace florin::delivery
