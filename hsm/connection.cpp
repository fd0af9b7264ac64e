#include "hsm/connection.h"

#include "base/log.h"
#include "hsm/gcm.h"
#include "hsm/login.h"
#include "hsm/self_test.h"

namespace florin::hsm {
namespace {

constexpr std::string_view kCanaryContext = "florin hsm canary";

}  // namespace

std::shared_ptr<const Generation> Connection::generation() const {
  const std::lock_guard lock(mutex_);
  return generation_;
}

void Connection::publish(KeyTable keys) {
  auto made = std::make_shared<Generation>();
  made->number = number_;
  made->module_start = module_start_;
  made->token = token_;
  made->keys = std::move(keys);
  const std::lock_guard lock(mutex_);
  generation_ = std::move(made);
}

Result<void> Connection::end_module() {
  if (!started_) return {};
  // C_Finalize closes every session and ends the login, also where closing them would fail.
  session_.reset();
  started_ = false;
  return module_->shutdown();
}

Result<void> Connection::check_pin_known() const {
  if (!pin_.empty()) return {};
  return Error(Errc::hsm_pin_incorrect, "hsm.pin_source",
               "The token refused the PIN before; no further login is tried.");
}

void Connection::forget_refused_pin(const Result<void>& done) {
  if (!done.ok() && done.error().code() == Errc::hsm_pin_incorrect) pin_ = Secret();
}

Result<void> Connection::start(const Secret* pin, const std::function<void()>& logged_in) {
  if (stopped_) return Error(Errc::hsm_unavailable);
  if (pin == nullptr) {
    FLORIN_TRY_VOID(check_pin_known());
  } else {
    pin_ = Secret();
  }
  // A module that cannot even be ended may still be started: some answer "not initialised" here.
  static_cast<void>(end_module().ok());
  FLORIN_TRY_VOID(module_->initialise());
  started_ = true;
  ++module_start_;
  ++number_;
  Result<void> done = start_steps(pin == nullptr ? pin_ : *pin, logged_in);
  forget_refused_pin(done);
  if (!done.ok()) static_cast<void>(end_module().ok());
  return done;
}

Result<void> Connection::start_steps(const Secret& pin, const std::function<void()>& logged_in) {
  FLORIN_TRY(token_, find_token(*module_, uri_));
  FLORIN_TRY(session_, open_user_session(module_, token_, pin, gate_, number_));
  if (&pin != &pin_) pin_ = pin.clone();
  logged_in();
  KeyTable keys;
  if (known_.has_value()) {
    FLORIN_TRY(keys, find_same_keys(*session_, *known_));
  } else {
    FLORIN_TRY(keys, find_all_keys(*session_));
  }
  FLORIN_TRY_VOID(self_test(*session_, keys, entropy_));
  if (keys.iv_rule != IvRule::caller) {
    log(LogLevel::notice, "hsm.iv_of_device", {{"rule", iv_rule_name(keys.iv_rule)}});
  }
  known_ = keys;
  publish(std::move(keys));
  return {};
}

Result<void> Connection::recover(std::uint64_t seen) {
  // What was published counts: an attempt that failed has replaced nothing.
  if (const auto now = generation(); now == nullptr || seen != now->number) return {};
  if (!started_) return Error(Errc::hsm_unavailable);
  FLORIN_TRY_VOID(check_pin_known());
  if (session_.has_value()) static_cast<void>(session_->close().ok());
  session_.reset();
  ++number_;
  Result<void> done = recover_steps();
  forget_refused_pin(done);
  return done;
}

Result<void> Connection::recover_steps() {
  // What the token says of its PIN now, not what it said at the start.
  FLORIN_TRY(token_, find_token(*module_, uri_));
  Session session(module_, token_.slot, number_);
  FLORIN_TRY_VOID(session.open());
  session_ = std::move(session);
  FLORIN_TRY_VOID(log_user_in(*session_, token_, pin_, gate_));
  FLORIN_TRY(KeyTable keys, find_same_keys(*session_, *known_));
  FLORIN_TRY_VOID(probe_token(*session_, keys, entropy_));
  publish(std::move(keys));
  return {};
}

Result<void> Connection::stop() {
  stopped_ = true;
  if (!started_) return {};
  if (session_.has_value()) {
    static_cast<void>(session_->logout().ok());
    static_cast<void>(session_->close().ok());
  }
  return end_module();
}

Result<void> Connection::change_pin(const Secret& fresh) {
  if (!session_.has_value()) return Error(Errc::hsm_unavailable);
  FLORIN_TRY_VOID(check_pin_known());
  FLORIN_TRY(token_, find_token(*module_, uri_));
  FLORIN_TRY_VOID(check_tries_left(token_));
  FLORIN_TRY_VOID(check_new_pin(token_, fresh, "pin", true));
  if (fresh.equals(pin_.view())) {
    return Error(Errc::config_invalid, "pin", "The new PIN is the one of now.");
  }
  session_->forget_failure();
  if (Result<void> changed = session_->change_pin(pin_, fresh); !changed.ok()) {
    if (session_->last_failure() == FailureClass::auth_fatal) {
      // Somebody else has changed it: the one we have is never given to the token again.
      gate_.close();
      pin_ = Secret();
    }
    return changed;
  }
  pin_ = fresh.clone();
  // Some modules keep the old one until they are started anew.
  return start(nullptr, [] {});
}

Result<Bytes> Connection::write_canary(const KeyOnToken& key, BytesView text) {
  if (key.spec.kind == KeyKind::ecdsa_sign) return Bytes{};  // the self-test signs with it
  return gcm_seal(*session_, known_->iv_rule, key.handle, view_of(kCanaryContext), text, entropy_);
}

Result<void> Connection::check_canary(const KeySpec& spec, BytesView canary, BytesView text) {
  if (canary.empty()) return {};
  const std::shared_ptr<const Generation> now = generation();
  const KeyOnToken& key = now->keys.kek.at(spec.number);
  FLORIN_TRY(const Secret back, gcm_open(*session_, iv_size(now->keys.iv_rule), key.handle,
                                         view_of(kCanaryContext), canary));
  if (back.equals(text)) return {};
  return Error(Errc::hsm_failure, spec.label, "The new key does not open what it wrapped before.");
}

Result<KeyInfo> Connection::create_key(const KeySpec& spec) {
  if (!session_.has_value()) return Error(Errc::hsm_unavailable);
  FLORIN_TRY_VOID(ensure_key(*session_, spec, entropy_));
  FLORIN_TRY(const KeyOnToken made, find_key(*session_, spec));
  ByteArray<32> text{};
  entropy_.fill(text);
  FLORIN_TRY(const Bytes canary, write_canary(made, text));
  // A token that has only cached the key shows it after a new start of the module.
  const KeyTable before = *known_;
  auto& keys = spec.kind == KeyKind::aes_wrap ? known_->kek : known_->audit;
  keys.insert_or_assign(spec.number, made);
  Result<void> checked = start(nullptr, [] {});
  if (checked.ok()) checked = check_canary(spec, canary, text);
  if (!checked.ok()) {
    // The rest of the keys is what it was; the new one stays unknown and unused.
    known_ = before;
    static_cast<void>(end_module().ok());
    return std::move(checked).error();
  }
  return key_info(made);
}

Result<void> Connection::destroy_kek(std::uint32_t number) {
  if (!session_.has_value()) return Error(Errc::hsm_unavailable);
  const auto at = known_->kek.find(number);
  if (at == known_->kek.end()) {
    return Error(Errc::hsm_key_missing, kek_spec(number).label, {});
  }
  // Found anew: a number that an old handle has must never be what is destroyed.
  FLORIN_TRY(const KeyOnToken key, find_key(*session_, at->second.spec));
  if (key.id != at->second.id) return Error(Errc::hsm_key_unfit, key.spec.label, {});
  FLORIN_TRY_VOID(session_->destroy_object(key.handle.object));
  known_->kek.erase(at);
  KeyTable keys = generation()->keys;
  keys.kek.erase(number);
  publish(std::move(keys));
  const Result<KeyOnToken> still = find_key(*session_, kek_spec(number));
  if (!still.ok() && still.error().code() == Errc::hsm_key_missing) return {};
  return Error(Errc::hsm_failure, kek_spec(number).label, "The token did not destroy the key.");
}

}  // namespace florin::hsm
