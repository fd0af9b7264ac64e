#include "daemon/custody.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/log.h"
#include "hsm/ceremony.h"
#include "hsm/pin_source.h"

namespace florin {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMarker = "initialised";

hsm::Config hsm_config(const Config& config) {
  return {.module_path = config.hsm_module,
          .module_sha256 = config.hsm_module_sha256,
          .uri = config.hsm_uri,
          .pin_source = config.hsm_pin_source,
          .op_timeout = config.hsm_timeout,
          .lanes = config.hsm_lanes,
          .probe_interval = config.hsm_probe_interval,
          .restart_interval = config.hsm_restart_interval,
          .stuck_limit = config.hsm_stuck_limit};
}

Error io_error(const fs::path& path) {
  return Error(Errc::io_failure, {}, {},
               fmt::format("{}: {}", path.string(), std::strerror(errno)));
}

Result<void> sync_directory(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return io_error(path);
  const bool good = ::fsync(descriptor) == 0;
  ::close(descriptor);
  if (!good) return io_error(path);
  return {};
}

class TokenAnchorSeal final : public control::AnchorSeal {
 public:
  explicit TokenAnchorSeal(hsm::Hsm& hsm) : hsm_(hsm) {}
  Result<std::optional<Bytes>> read() override { return hsm_.read_data_object(kLabel); }
  Result<void> write(BytesView hash) override { return hsm_.write_data_object(kLabel, hash); }

 private:
  static constexpr std::string_view kLabel = "anchor";
  hsm::Hsm& hsm_;
};

// Durable before anything is wrapped under the new keys: a token that is missing later is then an
// error and never a reason to make new keys.
Result<void> write_marker(const fs::path& directory) {
  const fs::path path = directory / kMarker;
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return io_error(path);
  const bool good = ::fsync(descriptor) == 0;
  ::close(descriptor);
  if (!good) return io_error(path);
  return sync_directory(directory);
}

// The step was taken by an earlier ceremony.
template <class T>
Result<void> unless_done(Result<T> result) {
  if (result.ok() || result.error().code() == Errc::already_initialised) return {};
  return std::move(result).error();
}

Result<fs::path> keyring_directory(const Config& config) {
  const fs::path path = config.data_directory / "keyring";
  std::error_code error;
  fs::create_directories(path, error);
  if (!error) fs::permissions(path, fs::perms::owner_all, error);
  if (error) return Error(Errc::io_failure, {}, {}, path.string() + ": " + error.message());
  return path;
}

}  // namespace

std::string_view start_state_name(StartState state) noexcept {
  switch (state) {
    case StartState::setup:
      return "setup";
    case StartState::sealed:
      return "sealed";
    case StartState::serving:
      return "serving";
  }
  return "";
}

StartState Custody::expected_state(const Config& config) {
  std::error_code error;
  return fs::exists(config.data_directory / kMarker, error) ? StartState::serving
                                                            : StartState::setup;
}

Result<std::unique_ptr<Custody>> Custody::open(const Config& config, hsm::LoginGate& gate,
                                               const Clock& clock, Entropy& entropy,
                                               const LedgerObserver& observer, hsm::Hooks hooks,
                                               std::optional<Secret> pin) {
  std::unique_ptr<Custody> custody(new Custody);
  const hsm::Config module = hsm_config(config);
  if (pin.has_value()) {
    FLORIN_TRY(custody->hsm_,
               hsm::Hsm::open(module, std::move(*pin), gate, entropy, clock, std::move(hooks)));
  } else {
    FLORIN_TRY(custody->hsm_, hsm::Hsm::open(module, gate, entropy, clock, std::move(hooks)));
  }
  FLORIN_TRY_VOID(custody->open_books(config, clock, entropy, observer));
  return custody;
}

Result<void> Custody::open_books(const Config& config, const Clock& clock, Entropy& entropy,
                                 const LedgerObserver& observer) {
  // Whatever is open after an error is closed again, so that another try finds nothing in its way.
  Result<void> opened = open_all_books(config, clock, entropy, observer);
  if (!opened.ok()) close_books();
  return opened;
}

Result<void> Custody::open_all_books(const Config& config, const Clock& clock, Entropy& entropy,
                                     const LedgerObserver& observer) {
  FLORIN_TRY(fs::path directory, keyring_directory(config));
  FLORIN_TRY(keyring_,
             vault::Keyring::open(directory, vault::make_key_guard(*hsm_), entropy, clock));
  anchor_seal_ = std::make_unique<TokenAnchorSeal>(*hsm_);
  anchors_ = std::make_unique<control::AnchorStore>(config.data_directory, *anchor_seal_);
  const bool restored = anchors_->is_restored();
  FLORIN_TRY(control::AnchoredHeads anchors, anchors_->load());
  checkpointer_ = std::make_unique<control::Checkpointer>(hsm_->audit_signer(), *anchors_,
                                                          config.checkpoint_interval);
  control::Checkpointer* const checkpointer = checkpointer_.get();
  FLORIN_TRY(appliance_,
             control::Appliance::open({.data_directory = config.data_directory,
                                       .origin = config.origin,
                                       .evaluation = config.evaluation,
                                       .checkpoint_key_der = hsm_->audit_signer().public_key_der(),
                                       .anchors = std::move(anchors),
                                       .restored = restored},
                                      *keyring_, clock, entropy,
                                      [checkpointer, observer](const ledger::TenantLedger& ledger) {
                                        checkpointer->watch(ledger.books);
                                        observer(ledger);
                                      }));
  checkpointer->watch(appliance_->system_ledger());
  return {};
}

Result<std::unique_ptr<Custody>> Custody::initialise(const Config& config, const Secret& so_pin,
                                                     hsm::LoginGate& gate, const Clock& clock,
                                                     Entropy& entropy,
                                                     const LedgerObserver& observer,
                                                     hsm::Hooks hooks) {
  const hsm::Config module = hsm_config(config);
  FLORIN_TRY(Secret user_pin, hsm::read_pin(module.pin_source));
  FLORIN_TRY(fs::path directory, keyring_directory(config));
  // A ceremony that was cut off is taken up where it ended: what exists is used, never made anew.
  FLORIN_TRY_VOID(
      unless_done(hsm::initialise_token(module, so_pin, user_pin, hsm::TokenOrigin::fresh, gate)));
  std::error_code error;
  // A keyring means that roots are wrapped: then a missing key-encryption key is lost, not to be
  // made.
  if (!fs::exists(directory / "data.mdb", error)) {
    FLORIN_TRY_VOID(unless_done(hsm::create_keys(module, user_pin, gate, entropy)));
  }
  {
    FLORIN_TRY(std::unique_ptr<hsm::Hsm> token, hsm::Hsm::open(module, gate, entropy, clock));
    auto keyring = vault::Keyring::open(directory, vault::make_key_guard(*token), entropy, clock);
    auto made = keyring.ok() ? unless_done((*keyring)->create_owner(std::nullopt))
                             : Result<void>(keyring.error());
    if (keyring.ok()) keyring->reset();
    FLORIN_TRY_VOID(token->shutdown());
    FLORIN_TRY_VOID(std::move(made));
  }
  FLORIN_TRY_VOID(write_marker(config.data_directory));
  return open(config, gate, clock, entropy, observer, std::move(hooks));
}

void Custody::close_books() {
  if (checkpointer_) checkpointer_->stop();
  // The ledgers' writers end with their last owner; who still holds one keeps it open.
  appliance_.reset();
  checkpointer_.reset();
  anchors_.reset();
  anchor_seal_.reset();
  if (keyring_) keyring_->zeroise();
  keyring_.reset();
}

bool Custody::close() {
  close_books();
  if (!hsm_) return true;
  const Result<void> ended = hsm_->shutdown();
  if (!ended.ok()) log_error("hsm.shutdown_failed", ended.error());
  hsm_.reset();
  return ended.ok();
}

}  // namespace florin
