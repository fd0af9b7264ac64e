#pragma once
/// The security module in service: wraps root keys, signs checkpoints, gives randomness.
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/entropy.h"
#include "base/metrics.h"
#include "base/secret.h"
#include "base/signature.h"
#include "hsm/config.h"
#include "hsm/examination.h"
#include "hsm/state.h"
#include "hsm/token_info.h"

namespace florin::hsm {

/// One key on the token. Its value is not readable, its check value tells it from others.
struct KeyInfo {
  std::string label;
  std::uint32_t number = 0;  ///< the N of "kek/N"; 0 for keys without versions
  std::string id;            ///< hex
  std::string check_value;   ///< hex; AES: CKA_CHECK_VALUE, EC: of SHA-256 of the public key
};

struct Status {
  State state = State::stopped;
  UnixNanos since = 0;  ///< when it entered the state
  std::string reason;   ///< why it left `ready`; empty while all is well
  TokenInfo token;
  std::string dialect;
  std::vector<KeyInfo> keys;
  std::uint64_t generation = 0;  ///< logins and starts of the module
  std::uint64_t restarts = 0;    ///< times the module was ended and started anew
  std::size_t lanes = 0;
  std::size_t lanes_stuck = 0;
  std::chrono::milliseconds stuck_for{};  ///< the oldest stuck call
  std::uint64_t operations = 0;           ///< wrap, unwrap, sign, random, probe and data since open
  std::uint64_t failures = 0;             ///< of these, failed
  std::uint64_t module_calls = 0;         ///< single calls into the module since it was loaded
  std::uint32_t logins = 0;               ///< C_Login calls of this process
  UnixNanos last_probe = 0;               ///< time of the last probe that succeeded
  /// Failed calls by class, e.g. "session-lost"; classes without any are left out.
  std::vector<std::pair<std::string, std::uint64_t>> errors;
};

/// What the owner wants to hear. Called on threads of this room, without locks; must not block.
struct Hooks {
  /// The state has changed; `status()` tells the present one.
  std::function<void(State state)> state_changed = {};
  /// A call has been stuck for longer than the configured limit: only a new process helps. Called
  /// once.
  std::function<void(std::chrono::milliseconds stuck_for)> hopeless = {};
  /// Outlives the Hsm; null = counted for status() only.
  metrics::Registry* metrics = nullptr;
};

/// One token, logged in, its keys checked, and kept so: a lost session is replaced and the
/// operation repeated once, a lost token leads to a new start of the module, a call that never
/// returns costs its lane and no other. Thread-safe; every operation blocks its caller at most for
/// the operation timeout once for its turn and once for the call, and longer only while a lost
/// session is replaced. Never call it on an I/O thread.
class Hsm {
 public:
  /// Loads the module, finds the token, logs in once, finds and checks the keys, runs the
  /// self-test. `gate`, `entropy` and `clock` outlive the result; the last two are
  /// thread-safe. After
  /// `hsm_pin_incorrect` the gate is closed and every later open is refused without touching the
  /// module. Errors: `config_invalid`, `hsm_module`, `hsm_pin_missing`, `hsm_token_missing`,
  /// `hsm_pin_incorrect`, `not_initialised` (the token has no user PIN), `hsm_key_missing`,
  /// `hsm_key_duplicate`, `hsm_key_unfit`, `hsm_failure`, `hsm_unavailable`, `timed_out`.
  static Result<std::unique_ptr<Hsm>> open(const Config& config, LoginGate& gate, Entropy& entropy,
                                           const Clock& clock, Hooks hooks = {});
  /// The same with a PIN that an operator gave. Errors: as open.
  static Result<std::unique_ptr<Hsm>> open(const Config& config, Secret pin, LoginGate& gate,
                                           Entropy& entropy, const Clock& clock, Hooks hooks = {});
  Hsm(const Hsm&) = delete;
  Hsm& operator=(const Hsm&) = delete;
  ~Hsm();

  /// AES-256-GCM under the active key-encryption key: IV (12 bytes; 16 where the device makes one
  /// so long by itself), ciphertext, tag (16 bytes); one piece for everybody else. Both inputs have
  /// 1 to 4096 bytes. Errors: `malformed_value`, `timed_out`, `hsm_unavailable`, `hsm_failure`,
  /// `overloaded`, `hsm_key_unfit` (the key is not the one of the start).
  Result<Bytes> wrap(BytesView plaintext, BytesView aad);
  /// Undoes wrap with "kek/<kek_number>", active or not. Errors: as wrap; `hsm_key_missing` when
  /// the token had no such key at the start; `key_unwrap_failed` when the token is well and the
  /// blob or its context is not.
  Result<Secret> unwrap(std::uint32_t kek_number, BytesView blob, BytesView aad);
  /// The same with the active key.
  Result<Secret> unwrap(BytesView blob, BytesView aad);
  /// The number N of the key-encryption key "kek/N" that wrap uses: after open the lowest on the
  /// token, until use_kek names another. Who keeps the wrapped keys decides, not the token.
  [[nodiscard]] std::uint32_t kek_number() const noexcept;
  /// All that unwrap can use, ascending.
  [[nodiscard]] std::vector<std::uint32_t> kek_numbers() const;
  /// Makes "kek/<number>" the active one, for this process. Error: `hsm_key_missing`.
  Result<void> use_kek(std::uint32_t number);
  /// The ceremony of a further key-encryption key, with the number after the highest: all other
  /// calls wait, the key is made alone, its attributes are read back, the module is started anew,
  /// and a text that was wrapped before must open afterwards. Only then unwrap and use_kek know it;
  /// it is not active yet. May take seconds. A key that an interrupted ceremony left under the
  /// number is checked and taken. Errors: `state_conflict` (another ceremony runs, or a call is
  /// stuck), `hsm_unavailable`, `hsm_key_unfit`, `hsm_failure`, `timed_out`.
  Result<KeyInfo> create_next_kek();
  /// Destroys "kek/<number>" for ever: whatever is wrapped under it alone is noise. Errors:
  /// `state_conflict` (it is active), `hsm_key_missing`, those of create_next_kek.
  Result<void> destroy_kek(std::uint32_t number);
  /// The audit keys: the same for "aud/N". The active one is what audit_signer signs with.
  [[nodiscard]] std::uint32_t audit_number() const noexcept;
  [[nodiscard]] std::vector<std::uint32_t> audit_numbers() const;
  Result<void> use_audit_key(std::uint32_t number);
  Result<KeyInfo> create_next_audit_key();
  /// SubjectPublicKeyInfo of "aud/<number>". Error: `hsm_key_missing`.
  [[nodiscard]] Result<Bytes> audit_public_key(std::uint32_t number) const;
  /// The audit key; lives as long as this object.
  Signer& audit_signer() noexcept;
  /// The token's own randomness; mix it with the kernel's. At most 1024 bytes.
  Result<void> random(std::span<std::uint8_t> out);
  /// Encrypts and decrypts with the probe key: the only proof that the token works.
  Result<void> probe();
  /// A small value that the token keeps under a label, private: only who knows the PIN can read or
  /// make it. Nothing when there is none. Errors: as wrap; `hsm_key_unfit` when it is not ours, or
  /// when two of one age are there; `hsm_unavailable` also while a write that was too late runs.
  Result<std::optional<Bytes>> read_data_object(std::string_view label);
  /// Replaces it; at most 1024 bytes. After a crash, or any error, the old value or the new one is
  /// there. After `timed_out` it is not decided yet: until the write has ended every read and write
  /// of a value answers `hsm_unavailable`. Writes are made one after the other. Errors: as read.
  Result<void> write_data_object(std::string_view label, BytesView value);
  /// Proves the token's properties anew, one by one, while all other calls wait, the start of the
  /// module included. Errors: as create_next_kek.
  Result<Examination> examine();
  [[nodiscard]] Status status() const;
  /// In the state auth_blocked: one more login, with this PIN; then all as after a start. Errors:
  /// `state_conflict` in any other state, those of open.
  Result<void> unlock(Secret pin);

  /// The ceremony of another user PIN: all other calls wait, the token is given the new one, and
  /// the module is started anew and logs in with it. The PIN's source is the caller's to change.
  /// After `timed_out` or `hsm_failure` either PIN may be the token's: a start that finds the old
  /// one refused waits for unlock. Errors: `config_invalid` naming "pin" (its length, or it is the
  /// one of now), `hsm_pin_incorrect` (the PIN of now is not the token's any more, or one try is
  /// left), those of create_next_kek.
  Result<void> change_pin(Secret pin);

  /// Ends the session and the module. Call it before exit, and not from a static destructor. Error:
  /// `hsm_unavailable` when a call is stuck; leave the process by _exit() then.
  Result<void> shutdown();

 private:
  class Core;
  class AuditSigner;
  explicit Hsm(std::shared_ptr<Core> core);

  std::shared_ptr<Core> core_;
  std::unique_ptr<AuditSigner> signer_;
};

}  // namespace florin::hsm
