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
  /// RFC 7512: "pkcs11:token=LABEL;serial=…".
  std::string uri;
  /// "file:/absolute/path" (also a plain absolute path) or "credential:NAME".
  std::string pin_source;
  /// Longest time a caller waits for one operation.
  std::chrono::milliseconds op_timeout{250};
  /// Operations that may wait for the lane before `overloaded`.
  std::size_t queue_limit = 64;
};

/// Closes for good when a token refuses a PIN: a token that counts wrong PINs must not be locked by
/// a retry loop. One per process, owned by the composition root. Thread-safe.
class LoginGate {
 public:
  [[nodiscard]] bool closed() const noexcept { return closed_; }
  /// C_Login calls made, whatever came of them.
  [[nodiscard]] std::uint32_t attempts() const noexcept { return attempts_; }
  void count_attempt() noexcept { ++attempts_; }
  void close() noexcept { closed_ = true; }

 private:
  std::atomic<bool> closed_ = false;
  std::atomic<std::uint32_t> attempts_ = 0;
};

}  // namespace florin::hsm
