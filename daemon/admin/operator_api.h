#pragma once
/// The operator API: HTTP and JSON on UNIX sockets, one socket per role. The kernel tells who asks.
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/secret.h"
#include "daemon/control/appliance.h"
#include "daemon/control/audit_export.h"
#include "daemon/control/backup_service.h"
#include "daemon/control/key_service.h"
#include "daemon/control/requests.h"
#include "daemon/engine/context_registry.h"
#include "daemon/engine/doubt_notes.h"
#include "daemon/http/router.h"
#include "daemon/net/server.h"

namespace florin::admin {

using domain::Role;
using domain::role_name;

/// What the composition root lends to the handlers. All functions are thread-safe; they may block.
struct Machine {
  std::function<json::object()> status;
  std::function<json::object()> hsm_status;
  /// Makes token and keys and binds the first two people; `so_pin` is wiped by the callee's end.
  /// Error: `already_initialised`, those of the module and of People::check_first.
  std::function<Result<json::object>(const Secret& so_pin,
                                     const std::array<domain::PublicPart, 2>& people,
                                     control::Person person)>
      initialise;
  /// Overwrites all keys and ends the security module; the state is `sealed` then.
  std::function<Result<json::object>(control::Person person)> lock;
  /// Opens what is sealed, or gives a module that refused its PIN another one. Errors:
  /// `hsm_pin_incorrect`, `state_conflict`, those of a start.
  std::function<Result<json::object>(const Secret& pin, control::Person person)> unlock;
  /// Gives the token another user PIN and logs in with it. Errors: `config_invalid`,
  /// `hsm_pin_incorrect`, `state_conflict`, those of the module.
  std::function<Result<json::object>(const Secret& pin, control::Person person)> change_pin;
  /// Proves the security module's properties anew; other calls wait for it.
  std::function<Result<json::object>()> probe;
  /// The page for Prometheus.
  std::function<std::string()> metrics;
  /// Whoever holds the result may use what the functions below lend.
  std::function<std::shared_ptr<void>()> hold;
  /// Null until the appliance serves.
  std::function<control::Appliance*()> appliance;
  /// Why there is no appliance: `not_initialised` or `hsm_pin_missing`.
  std::function<Error()> not_serving;
  std::function<Result<json::object>(const ledger::TenantLedger&, const control::ExportOrder&)>
      export_audit;
  std::function<Result<json::object>(const ledger::TenantLedger&, const Uuid& subject)> prove_audit;
  /// Makes a harmless authenticated call to a connector. Error: `shutting_down`, `timed_out`.
  std::function<Result<json::object>(const ledger::TenantLedger&, const ConnectorId&)>
      test_connector;
  /// Null until the appliance serves.
  std::function<control::BackupService*()> backups;
  std::function<control::KeyService*()> keys;
  /// Reads again what can change while serving: the certificates. Error: `state_conflict`, saying
  /// why everything stays as it was.
  std::function<Result<json::object>()> reload;
  std::function<std::shared_ptr<control::Requests>()> requests;
  std::function<std::shared_ptr<const control::People>()> people;
  /// Whether an account may use a role's socket. On the I/O thread; must not block.
  std::function<Result<void>(std::uint32_t uid, Role role)> may_use;
  const engine::ContextRegistry* contexts = nullptr;
  /// What was tried about operations in doubt.
  const engine::DoubtNotes* doubts = nullptr;
  std::function<UnixNanos()> now;
  /// The wall clock is right as it is. Error: `state_conflict` when nobody doubts it.
  std::function<Result<json::object>(control::Person person)> confirm_clock;
};

/// One call with everything that a handler may use.
struct Call {
  const Machine& machine;
  const http::Match& match;
  const http::Request& request;
  control::Person person;
  /// Null unless the appliance serves. Taken once, so that a lock cannot take it away in between.
  control::Appliance* appliance = nullptr;
};

/// Runs on the blocking pool.
using Handler = Result<http::Response> (*)(const Call& call);

struct RouteRow {
  std::string_view method;
  std::string_view path;
  unsigned roles;  ///< of Role, or-ed
  Handler handler;
  bool closes = false;  ///< opens or closes what other handlers use, so it does not hold it
};
/// Every route of the operator API.
std::vector<RouteRow> routes();

/// One socket's API. Runs on the I/O thread; what it refers to outlives it.
class OperatorApi {
 public:
  OperatorApi(Role role, const Machine& machine, net::Runtime& runtime, const Clock& clock,
              Entropy& entropy);
  net::Task<http::Response> handle(http::Request request, net::Peer peer);

 private:
  Role role_;
  const Machine& machine_;
  net::Runtime& runtime_;
  const Clock& clock_;
  Entropy& entropy_;
  std::vector<RouteRow> rows_;
  http::Router router_;
};

}  // namespace florin::admin
