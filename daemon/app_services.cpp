// What works on an open custody, made and dropped in order.
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

Result<void> App::make_services() {
  delivery::DeliveryService* const delivery = delivery_.get();
  backups_ = std::make_unique<control::BackupService>(
      control::BackupSources{
          .data_directory = config_.data_directory,
          .parent = config_.backup_directory,
          .copy_delivery = [delivery](const fs::path& to) { return delivery->copy_to(to); }},
      custody_->appliance(), custody_->hsm().audit_signer(), clock_, entropy_);
  keys_ = make_key_service(
      *custody_, {.bundle_directory = bundle_directory(config_), .let_go = let_go_of_ledger()},
      clock_, entropy_);
  FLORIN_TRY_VOID(keys_->resume());
  FLORIN_TRY(two_person_, open_two_person(config_, custody_->appliance(), clock_, entropy_));
  // Without a lock: requests end before what they are carried out with.
  for (control::Operation& order : control::key_operations([keys = keys_.get()] { return keys; })) {
    two_person_.requests->add(std::move(order));
  }
  two_person_.requests->add(payment_resolution({.appliance = custody_->appliance(),
                                                .contexts = contexts_,
                                                .notes = resolver_->notes(),
                                                .payments = *payments_,
                                                .runtime = runtime_}));
  access_.serve(two_person_.people);
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

// In this order: what holds a ledger goes before custody closes them.
void App::drop_services() {
  if (backups_) backups_->stop();
  backups_.reset();
  access_.close();
  if (two_person_.requests) two_person_.requests->stop();
  two_person_ = {};
  keys_.reset();
}

}  // namespace florin
