// What operators reach: their sockets, the state of the machine, the first ceremony.
#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "daemon/app.h"
#include "daemon/control/append_only.h"
#include "daemon/control/audit_export.h"
#include "daemon/control/audit_note.h"
#include "daemon/control/reports.h"
#include "daemon/engine/doubts.h"
#include "daemon/private_directory.h"
#include "daemon/socket_group.h"
#include "daemon/version.h"

namespace florin {

namespace fs = std::filesystem;

Error App::not_serving() const {
  const std::lock_guard lock(custody_mutex_);
  if (state_ != StartState::sealed) {
    return Error(Errc::not_initialised, {}, "the appliance is not initialised yet");
  }
  if (custody_) return Error(Errc::hsm_unavailable);
  return Error(Errc::hsm_pin_missing, {}, "the appliance is sealed: florin hsm unlock opens it");
}

Result<json::object> App::export_audit(const ledger::TenantLedger& ledger,
                                       const control::ExportOrder& order) const {
  FLORIN_TRY_VOID(make_private_directory(config_.export_directory));
  const std::shared_ptr<Custody> custody = custody_now();
  if (!custody) return Error(Errc::not_initialised);
  return control::export_audit(ledger, custody->hsm().audit_signer(), config_.export_directory,
                               order);
}

Result<json::object> App::prove_audit(const ledger::TenantLedger& ledger,
                                      const Uuid& subject) const {
  const std::shared_ptr<Custody> custody = custody_now();
  if (!custody) return Error(Errc::not_initialised);
  return control::prove_audit(ledger, custody->hsm().audit_signer(), subject);
}

Result<json::object> App::change_pin(const Secret& pin, control::Person person) {
  const std::lock_guard one_order(order_mutex_);
  const std::shared_ptr<Custody> custody = custody_now();
  if (!custody) return Error(Errc::hsm_unavailable);
  if (Result<void> done = custody->hsm().change_pin(pin.clone()); !done.ok()) {
    note_refused_pin(done.error());
    return std::move(done).error();
  }
  log(LogLevel::notice, "hsm.pin_changed", {{"uid", person.uid}});
  FLORIN_TRY_VOID(audit("hsm pin changed", person));
  return hsm_status();
}

// From the blocking pool: the call itself is made on the I/O thread.
Result<json::object> App::test_connector(const ledger::TenantLedger& ledger,
                                         const ConnectorId& connector) {
  FLORIN_TRY(engine::ContextPtr context, contexts_.find(ledger.tenant, ledger.mode));
  const auto found = std::make_shared<engine::ConnectorCheck>();
  FLORIN_TRY_VOID(order([this, context, connector, found]() -> net::Task<Result<void>> {
    return check_connector(context, connector, found);
  }));
  log(LogLevel::notice, "connector.tested",
      {{"connector", connector.text()}, {"stage", found->stage}, {"finding", found->finding}});
  return json::object{{"works", found->ok},
                      {"stage", found->stage},
                      {"finding", found->finding},
                      {"detail", found->detail}};
}

net::Task<Result<void>> App::check_connector(engine::ContextPtr context, ConnectorId connector,
                                             std::shared_ptr<engine::ConnectorCheck> found) {
  *found = co_await acquirer_->check(std::move(context), connector);
  co_return Result<void>{};
}

// What handlers may use of the machine.
admin::Machine App::lent_machine() {
  return {.status = [this] { return status(); },
          .hsm_status = [this] { return hsm_status(); },
          .initialise = [this](const Secret& pin, const FirstPeople& people,
                               control::Person by) { return initialise(pin, people, by); },
          .lock = [this](control::Person person) { return lock_hsm(person); },
          .unlock = [this](const Secret& pin,
                           control::Person person) { return unlock_hsm(pin, person); },
          .change_pin = [this](const Secret& pin,
                               control::Person person) { return change_pin(pin, person); },
          .probe = [this] { return probe_hsm(); },
          .metrics =
              [this] {
                measure_doubts();
                return metrics_.to_text();
              },
          .hold = [this] { return handlers_.enter(); },
          .appliance = [this]() -> control::Appliance* {
            const std::lock_guard lock(custody_mutex_);
            return custody_ && state_ == StartState::serving ? &custody_->appliance() : nullptr;
          },
          .not_serving = [this] { return not_serving(); },
          .export_audit =
              [this](const ledger::TenantLedger& ledger, const control::ExportOrder& order) {
                return export_audit(ledger, order);
              },
          .prove_audit = [this](const ledger::TenantLedger& ledger,
                                const Uuid& subject) { return prove_audit(ledger, subject); },
          .test_connector = [this](const ledger::TenantLedger& ledger,
                                   const ConnectorId& id) { return test_connector(ledger, id); },
          .backups = [this]() -> control::BackupService* {
            const std::lock_guard lock(custody_mutex_);
            return state_ == StartState::serving ? backups_.get() : nullptr;
          },
          .keys = [this]() -> control::KeyService* {
            const std::lock_guard lock(custody_mutex_);
            return state_ == StartState::serving ? keys_.get() : nullptr;
          },
          .reload = [this] { return certificates_.reload(); },
          .requests = [this] { return when_serving(two_person_.requests); },
          .people = [this] { return when_serving(two_person_.people); },
          .may_use = [this](auto uid, admin::Role role) { return access_.check(uid, role); },
          .contexts = &contexts_,
          .doubts = &resolver_->notes(),
          .now = [this] { return clock_.now(); },
          .confirm_clock = [this](control::Person person) { return confirm_clock(person); }};
}

Result<void> App::open_operator_sockets() {
  machine_ = lent_machine();
  for (const admin::Role role :
       {admin::Role::auditor, admin::Role::operator_, admin::Role::custodian, admin::Role::admin}) {
    operator_apis_.push_back(
        std::make_unique<admin::OperatorApi>(role, machine_, runtime_, clock_, entropy_));
    admin::OperatorApi* const api = operator_apis_.back().get();
    const fs::path path = config_.run_directory / fmt::format("{}.sock", role_name(role));
    FLORIN_TRY(
        std::unique_ptr<net::Server> server,
        net::listen_unix(runtime_, path, 0660, {}, [api](http::Request request, net::Peer peer) {
          return api->handle(std::move(request), std::move(peer));
        }));
    give_to_group(path, role_name(role));
    operator_servers_.push_back(std::move(server));
  }
  return {};
}

std::shared_ptr<Custody> App::custody_now() const {
  const std::lock_guard lock(custody_mutex_);
  return custody_;
}

// Runs on the blocking pool.
Result<json::object> App::initialise(const Secret& so_pin, const FirstPeople& people,
                                     control::Person person) {
  const std::lock_guard one_order(order_mutex_);
  {
    const std::lock_guard lock(custody_mutex_);
    if (state_ != StartState::setup) return Error(Errc::already_initialised);
  }
  FLORIN_TRY_VOID(note_first_people(config_, people));
  FLORIN_TRY(
      const std::shared_ptr<Custody> custody,
      Custody::initialise(
          config_, so_pin, gate_, clock_, entropy_,
          [this](const ledger::TenantLedger& ledger) { ledger_opened(ledger); }, hsm_hooks()));
  if (auto made = make_services(*custody); !made.ok()) {
    drop_services();
    custody->close();
    return std::move(made).error();
  }
  {
    const std::lock_guard lock(custody_mutex_);
    custody_ = custody;
    state_ = StartState::serving;
  }
  log(LogLevel::notice, "hsm.initialised", {{"uid", person.uid}});
  runtime_.spawn("begin serving", [this] { return begin_serving(); });
  FLORIN_TRY_VOID(control::append_note(*custody->appliance().system_ledger(), "hsm initialised",
                                       person.uid, clock_, entropy_));
  const hsm::Status status = custody->hsm().status();
  json::array keys;
  for (const hsm::KeyInfo& key : status.keys) {
    keys.push_back(json::object{{"name", key.label}, {"check_value", key.check_value}});
  }
  return json::object{
      {"token", status.token.label}, {"serial", status.token.serial}, {"keys", std::move(keys)}};
}

void App::measure_doubts() {
  const engine::DoubtNotes::Summary doubts = resolver_->notes().summary();
  doubts_gauge_.set(static_cast<std::int64_t>(doubts.count));
  oldest_doubt_gauge_.set(doubts.count == 0
                              ? 0
                              : std::max<UnixNanos>(0, clock_.now() - doubts.oldest_since) /
                                    kNanosPerSecond);
}

json::object App::status() const {
  std::shared_ptr<Custody> custody;
  StartState state{};
  {
    const std::lock_guard lock(custody_mutex_);
    custody = custody_;
    state = state_;
  }
  json::object out{{"state", start_state_name(state)},
                   {"since", to_rfc3339(started_at_)},
                   {"version", kVersion},
                   {"evaluation", config_.evaluation},
                   {"clock", clock_status()},
                   {"certificates", certificates_.status()},
                   {"hsm", hsm_status()}};
  if (!custody || state != StartState::serving) return out;
  json::array ledgers;
  ledgers.emplace_back(control::head_document("system", *custody->appliance().system_ledger()));
  std::vector<std::filesystem::path> logs = {
      custody->appliance().system_ledger()->options().directory / "log"};
  engine::DoubtCount doubts;
  for (const ledger::TenantLedger& ledger : custody->appliance().ledgers()) {
    logs.push_back(ledger.books->options().directory / "log");
    const auto tenant = custody->appliance().tenant(ledger.tenant.text());
    ledgers.emplace_back(
        control::head_document(tenant.ok() ? tenant->name : ledger.tenant.text(), *ledger.books));
    if (const auto context = contexts_.find(ledger.tenant, ledger.mode); context.ok()) {
      if (const auto found = engine::count_doubts(**context); found.ok()) doubts += *found;
    }
  }
  out["append_only"] = control::append_only(logs);
  out["tenants"] = custody->appliance().tenants().size();
  out["ledgers"] = std::move(ledgers);
  out["payments_in_doubt"] = doubts.in_doubt;
  out["payments_in_flight"] = doubts.in_flight;
  out["payments_pending"] = doubts.pending;
  out["payments_in_review"] = doubts.in_review;
  if (doubts.in_doubt > 0) {
    out["oldest_doubt_s"] =
        std::max<UnixNanos>(0, clock_.now() - doubts.oldest_since) / kNanosPerSecond;
  }
  if (const auto requests = machine_.requests(); requests != nullptr) {
    if (const auto counts = requests->counts(); counts.ok()) out["requests"] = *counts;
  }
  return out;
}

}  // namespace florin
