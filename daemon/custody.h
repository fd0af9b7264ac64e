#pragma once
/// What hangs from the security module: its keys, the keyring, the appliance's ledgers, the signing
/// of their heads. Either all of it is open or nothing.
#include <functional>
#include <memory>
#include <optional>

#include "daemon/config.h"
#include "daemon/control/appliance.h"
#include "daemon/control/checkpointer.h"
#include "daemon/vault/keyring.h"
#include "hsm/hsm.h"

namespace florin {

/// How a start can end (D8), besides an error.
enum class StartState : std::uint8_t {
  setup,   ///< never initialised: only the operators' sockets are open
  sealed,  ///< initialised, but the PIN is missing
  serving,
};
std::string_view start_state_name(StartState state) noexcept;

class Custody {
 public:
  using LedgerObserver = control::Appliance::LedgerObserver;

  /// What the instance's files say, without touching the token.
  static StartState expected_state(const Config& config);
  /// Opens everything; blocks on token and disk. Ports outlive it.
  static Result<std::unique_ptr<Custody>> open(const Config& config, hsm::LoginGate& gate,
                                               const Clock& clock, Entropy& entropy,
                                               const LedgerObserver& observer,
                                               hsm::Hooks hooks = {},
                                               std::optional<Secret> pin = {});
  /// Makes token, keys and the system root, marks the instance as initialised, then opens.
  static Result<std::unique_ptr<Custody>> initialise(const Config& config, const Secret& so_pin,
                                                     hsm::LoginGate& gate, const Clock& clock,
                                                     Entropy& entropy,
                                                     const LedgerObserver& observer,
                                                     hsm::Hooks hooks = {});
  /// Signs the last heads, closes the ledgers, overwrites the keys. The module stays, so that it
  /// can heal and open_books() follow. Idempotent.
  void close_books();
  /// After close_books(). An error leaves everything closed.
  Result<void> open_books(const Config& config, const Clock& clock, Entropy& entropy,
                          const LedgerObserver& observer);
  [[nodiscard]] bool books_open() const noexcept { return appliance_ != nullptr; }
  /// close_books() and ends the module. False when a call is stuck in it: leave the process by
  /// _exit() then. Idempotent.
  bool close();
  ~Custody() { close(); }
  Custody(const Custody&) = delete;
  Custody& operator=(const Custody&) = delete;

  [[nodiscard]] hsm::Hsm& hsm() const noexcept { return *hsm_; }
  [[nodiscard]] vault::Keyring& keyring() const noexcept { return *keyring_; }
  [[nodiscard]] control::Appliance& appliance() const noexcept { return *appliance_; }
  [[nodiscard]] control::Checkpointer& checkpointer() const noexcept { return *checkpointer_; }

 private:
  Custody() = default;
  Result<void> open_all_books(const Config& config, const Clock& clock, Entropy& entropy,
                              const LedgerObserver& observer);
  std::unique_ptr<hsm::Hsm> hsm_;
  std::unique_ptr<vault::Keyring> keyring_;
  std::unique_ptr<control::AnchorSeal> anchor_seal_;
  std::unique_ptr<control::AnchorStore> anchors_;
  std::unique_ptr<control::Checkpointer> checkpointer_;
  std::unique_ptr<control::Appliance> appliance_;
};

}  // namespace florin
