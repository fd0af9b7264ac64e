#pragma once
/// The way to a PSP: a connector's codec and credentials, and the one client through which requests
/// leave.
#include <map>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/metrics.h"
#include "daemon/connectors/codec.h"
#include "daemon/domain/plan.h"
#include "daemon/engine/context.h"
#include "daemon/engine/line_guard.h"
#include "daemon/net/client.h"

namespace florin::engine {

/// What a harmless call to a connector showed.
struct ConnectorCheck {
  bool ok = false;
  std::string_view
      stage;  ///< how far it came: credentials, address, dns, tcp, tls, answer, authentication
  std::string_view finding;  ///< "ok", or what is wrong there
  std::string detail;        ///< for operators; never holds the secret
};

/// Sends operations and inquiries. Runs on the I/O thread; what it refers to outlives it.
class Acquirer {
 public:
  /// `limits` hold for each connector alone. `metrics` may be null.
  Acquirer(net::Client& client, const Clock& clock, LineLimits limits = {},
           metrics::Registry* metrics = nullptr)
      : client_(client), clock_(clock), limits_(limits), metrics_(metrics) {}

  /// Carries out the life's operation. Never fails: what cannot be proven is `unknown`, and what
  /// the connector cannot be asked is `unsent`.
  net::Task<domain::Outcome> perform(ContextPtr context, domain::Life life);
  /// Finds out what became of it, in the ways and the order of the connector's capability sheet:
  /// inquiry, cancellation of our key there, and, while the key lives, the same request again under
  /// it. Gives `unknown` when nothing is proven. While the books are recovering it only inquires.
  net::Task<domain::Outcome> inquire(ContextPtr context, domain::Life life);
  /// Makes a harmless authenticated call.
  net::Task<ConnectorCheck> check(ContextPtr context, ConnectorId connector);

 private:
  struct Line;
  struct Finding;
  /// What is kept of a connector while the daemon runs.
  struct Watch {
    LineGuard guard;
    metrics::Gauge* in_flight = nullptr;
    metrics::Gauge* open = nullptr;
  };
  static Result<Line> open_line(const Context& context, const ConnectorId& id);
  net::Task<Finding> try_way(std::shared_ptr<const Line> line,
                             connectors::OperationRequest operation,
                             connectors::UnknownResolution way);
  Watch& watch(const ConnectorId& connector);
  void count(const ConnectorId& connector, std::string_view result);
  void show(const Watch& watch) const;
  /// Sends; tells the connector's guard how it ended.
  net::Task<net::Exchange> exchange(std::shared_ptr<const Line> line, http::Request request);
  [[nodiscard]] bool key_is_alive(const Line& line, const domain::Operation& operation) const;

  net::Client& client_;
  const Clock& clock_;
  LineLimits limits_;
  metrics::Registry* metrics_;
  std::map<ConnectorId, Watch> watches_;
};

}  // namespace florin::engine
