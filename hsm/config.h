#pragma once
/// How the security module is reached, as read from the `[hsm]` part of the configuration.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

namespace florin::hsm {

struct Config {
  /// Absolute path of the PKCS#11 module; owned by root or by us, not writable by group or others.
  std::string module_path;
  /// SHA-256 of that file, 64 hexadecimal digits; empty = not pinned.
  std::string module_sha256 = {};
  /// RFC 7512: "pkcs11:token=LABEL;serial=…".
  std::string uri;
  /// "file:/absolute/path" (also a plain absolute path) or "credential:NAME".
  std::string pin_source;
  /// Longest time a caller waits for its turn, and for one operation.
  std::chrono::milliseconds op_timeout{250};
  /// Longest time for a start of the module, for a login and for the end: some hundred calls.
  std::chrono::milliseconds start_timeout{10'000};
  /// Longest time for a ceremony: making a key on a token may take long.
  std::chrono::milliseconds ceremony_timeout{120'000};
  /// Operations that may wait for a lane before `overloaded`.
  std::size_t queue_limit = 64;
  /// Threads with a session each; `florin hsm probe` recommends.
  std::size_t lanes = 1;
  /// Between two probes with the probe key.
  std::chrono::milliseconds probe_interval{5'000};
  /// Between two attempts to start a lost module anew; the first one is made at once.
  std::chrono::milliseconds restart_interval{30'000};
  /// Between two trial calls while the device answers badly.
  std::chrono::milliseconds trial_interval{5'000};
  /// A call that is stuck for longer makes the process hopeless: see Hooks::hopeless.
  std::chrono::milliseconds stuck_limit{60'000};
};

/// Closes when a token refuses a PIN, until an operator acts: a token that counts wrong PINs must
/// not be locked by a retry loop. One per process, owned by the composition root. Thread-safe.
class LoginGate {
 public:
  [[nodiscard]] bool closed() const noexcept { return closed_; }
  /// C_Login calls made, whatever came of them.
  [[nodiscard]] std::uint32_t attempts() const noexcept { return attempts_; }
  void count_attempt() noexcept { ++attempts_; }
  void close() noexcept { closed_ = true; }
  /// An operator gave a PIN anew: one more login, which closes the gate again if it is refused.
  void open_once() noexcept { closed_ = false; }

 private:
  std::atomic<bool> closed_ = false;
  std::atomic<std::uint32_t> attempts_ = 0;
};

}  // namespace florin::hsm
