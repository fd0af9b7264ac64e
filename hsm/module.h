#pragma once
/// Private to this room: the vendor's shared library and its state in this process.
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "hsm/cryptoki.h"

namespace florin::hsm {

/// A loaded PKCS#11 2.40 module. Nothing happens in the destructor and the library is never
/// unloaded: modules keep threads and exit handlers that do not survive it. Thread-safe as far as
/// the module is (CKF_OS_LOCKING_OK).
class Module {
 public:
  /// Checks the file and the directories above it, its SHA-256 where one is given (64 hexadecimal
  /// digits, lower case), loads it and fetches its function list. Error: `hsm_module`, with a text
  /// of its own for each reason.
  static Result<std::shared_ptr<Module>> load(const std::string& path,
                                              const std::string& sha256_hex = {});

  /// C_Initialize. A module that somebody else in this process has initialised is refused, since
  /// sessions and login would be shared. Error: `hsm_module`.
  Result<void> initialise();
  /// C_Finalize; every session and handle is dead afterwards. Error: as the module says.
  Result<void> shutdown();

  /// One counted call: `call(&CK_FUNCTION_LIST::C_Sign, …)`.
  template <class Member, class... Args>
  CK_RV call(Member function, Args... args) {
    calls_.fetch_add(1, std::memory_order_relaxed);
    return (functions_->*function)(args...);
  }
  [[nodiscard]] std::uint64_t calls() const noexcept { return calls_; }

 private:
  explicit Module(CK_FUNCTION_LIST* functions) : functions_(functions) {}

  CK_FUNCTION_LIST* functions_;
  std::atomic<std::uint64_t> calls_ = 0;
};

}  // namespace florin::hsm
