#pragma once
/// Private to this room: one module, one token, one login, and the keys as found after it.
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "hsm/examination.h"
#include "hsm/key_table.h"
#include "hsm/token.h"
#include "hsm/uri.h"

namespace florin::hsm {

/// What a login or a start of the module gave; immutable, shared by all lanes.
struct Generation {
  std::uint64_t number = 0;
  std::uint64_t module_start = 0;  ///< sessions of an earlier one died with C_Finalize
  Token token;
  KeyTable keys;
};

/// Used by one thread at a time, apart from `generation`, which any thread may call. Its own
/// session carries the login, so that the lanes' sessions may come and go.
class Connection {
 public:
  Connection(TokenUri uri, std::shared_ptr<Module> module, LoginGate& gate, Entropy& entropy)
      : uri_(std::move(uri)), module_(std::move(module)), gate_(gate), entropy_(entropy) {}

  /// Ends the module if it was started, starts it, finds the token, logs in with `pin` or, where
  /// none is given, with the one that this token has accepted, and finds and tests the keys. After
  /// the first success the keys must be those of then. `logged_in` is called between. A failure
  /// leaves the module ended. A PIN that is given replaces the one of before even where the start
  /// fails ahead of the login, and a refused one is forgotten: without one every start ends as
  /// `hsm_pin_incorrect` and leaves the module alone, until an operator gives another.
  Result<void> start(const Secret* pin, const std::function<void()>& logged_in);
  /// Replaces the login's session, logs in again if the login is gone, finds the keys again. Does
  /// nothing when `seen` is not the present generation: somebody else was quicker.
  Result<void> recover(std::uint64_t seen);
  /// Logs out and ends the module, for good: no start comes after it. Idempotent.
  Result<void> stop();

  [[nodiscard]] std::shared_ptr<const Generation> generation() const;
  void allow_one_login() noexcept { gate_.open_once(); }
  [[nodiscard]] std::uint32_t logins() const noexcept { return gate_.attempts(); }
  [[nodiscard]] const std::shared_ptr<Module>& module() const noexcept { return module_; }

  /// The ceremony of Hsm::create_next_kek; no other session is in use meanwhile.
  Result<KeyInfo> create_key(const KeySpec& spec);
  Result<void> destroy_kek(std::uint32_t number);
  /// The ceremony of Hsm::change_pin; no other session is in use meanwhile.
  Result<void> change_pin(const Secret& fresh);
  /// All of Hsm::examine; no other session is in use meanwhile.
  Result<Examination> examine();

 private:
  Result<void> check_pin_known() const;
  void forget_refused_pin(const Result<void>& done);
  Result<void> start_steps(const Secret& pin, const std::function<void()>& logged_in);
  Result<void> end_module();
  Result<void> recover_steps();
  Result<Bytes> write_canary(const KeyOnToken& key, BytesView text);
  Result<void> check_canary(const KeySpec& spec, BytesView canary, BytesView text);
  void publish(KeyTable keys);

  TokenUri uri_;
  std::shared_ptr<Module> module_;
  LoginGate& gate_;
  Entropy& entropy_;
  Secret pin_;  ///< only one that this token has accepted and not refused since
  bool started_ = false;
  bool stopped_ = false;
  std::uint64_t number_ = 0;
  std::uint64_t module_start_ = 0;
  Token token_;
  std::optional<Session> session_;
  std::optional<KeyTable> known_;  ///< of the first start, and what ceremonies changed since
  mutable std::mutex mutex_;
  std::shared_ptr<const Generation> generation_;
};

}  // namespace florin::hsm
