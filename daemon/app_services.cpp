// What works on an open custody, made and dropped in order.
#include <utility>

#include "daemon/app.h"
#include "daemon/key_wiring.h"
#include "daemon/payment_resolution.h"

namespace florin {

namespace fs = std::filesystem;

std::function<void(const ledger::TenantLedger&)> App::let_go_of_ledger() {
  return [this](const ledger::TenantLedger& ledger) {
    contexts_.remove(ledger.tenant, ledger.mode);
    runtime_.post([this, tenant = ledger.tenant, mode = ledger.mode] {
      if (delivery_ && !stopping_) delivery_->detach(tenant, mode);
    });
  };
}

// Built without the lock, which the I/O thread takes many times a second: resuming reads every
// sealed record.
Result<void> App::make_services(Custody& custody) {
  delivery::DeliveryService* const delivery = delivery_.get();
  auto backups = std::make_unique<control::BackupService>(
      control::BackupSources{
          .data_directory = config_.data_directory,
          .parent = config_.backup_directory,
          .copy_delivery = [delivery](const fs::path& to) { return delivery->copy_to(to); }},
      custody.appliance(), custody.hsm().audit_signer(), clock_, entropy_);
  auto keys = make_key_service(
      custody, {.bundle_directory = bundle_directory(config_), .let_go = let_go_of_ledger()},
      clock_, entropy_);
  FLORIN_TRY_VOID(keys->resume());
  FLORIN_TRY(TwoPerson two_person, open_two_person(config_, custody.appliance(), clock_, entropy_));
  // Without a lock: requests end before what they are carried out with.
  for (control::Operation& order : control::key_operations([keys = keys.get()] { return keys; })) {
    two_person.requests->add(std::move(order));
  }
  two_person.requests->add(payment_resolution({.appliance = custody.appliance(),
                                               .contexts = contexts_,
                                               .notes = resolver_->notes(),
                                               .payments = *payments_,
                                               .runtime = runtime_}));
  access_.serve(two_person.people);
  const std::lock_guard lock(custody_mutex_);
  backups_ = std::move(backups);
  keys_ = std::move(keys);
  two_person_ = std::move(two_person);
  return {};
}

// A backup copies from the delivery, so it ends before that does.
bool App::stop_backups() {
  control::BackupService* backups = nullptr;
  {
    const std::lock_guard lock(custody_mutex_);
    backups = backups_.get();
  }
  if (backups != nullptr) backups->stop();
  return true;
}

// In this order: what holds a ledger goes before custody closes them. Waits for the request that is
// carried out, and not under the lock.
void App::drop_services() {
  static_cast<void>(stop_backups());
  std::unique_ptr<control::BackupService> backups;
  std::unique_ptr<control::KeyService> keys;
  TwoPerson two_person;
  {
    const std::lock_guard lock(custody_mutex_);
    backups = std::move(backups_);
    keys = std::move(keys_);
    two_person = std::exchange(two_person_, {});
  }
  backups.reset();
  access_.close();
  if (two_person.requests) two_person.requests->stop();
  two_person = {};
}

}  // namespace florin
