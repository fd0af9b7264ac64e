#pragma once
/// The way to a PSP: a connector's codec and credentials, and the one client through which requests
/// leave.
#include <memory>
#include <string>

#include "daemon/connectors/codec.h"
#include "daemon/domain/plan.h"
#include "daemon/engine/context.h"
#include "daemon/net/client.h"

namespace florin::engine {

/// Sends operations and inquiries. Runs on the I/O thread; the client outlives it.
class Acquirer {
 public:
  explicit Acquirer(net::Client& client) : client_(client) {}

  /// Carries out the life's operation. Never fails: what cannot be proven is `unknown`.
  net::Task<domain::Outcome> perform(ContextPtr context, domain::Life life);
  /// Finds out what became of it: inquiry by our key, and, where the PSP does not know the key, its
  /// cancellation there. Gives `unknown` when neither proves anything.
  net::Task<domain::Outcome> inquire(ContextPtr context, domain::Life life);

 private:
  net::Client& client_;
};

}  // namespace florin::engine
