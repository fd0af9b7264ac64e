#include "hsm/login.h"

namespace florin::hsm {
namespace {

constexpr std::size_t kShortestSoftPin = 16;

}  // namespace

Result<void> check_new_pin(const Token& token, const Secret& pin, const char* field, bool user) {
  if (pin.size() < token.shortest_pin || pin.size() > token.longest_pin) {
    return Error(Errc::config_invalid, field, "The token does not take a PIN of this length.");
  }
  if (user && token.is_softhsm() && pin.size() < kShortestSoftPin) {
    return Error(Errc::config_invalid, field, "The user PIN must have at least 16 bytes.");
  }
  return {};
}

Result<void> check_gate(const LoginGate& gate) {
  if (!gate.closed()) return {};
  return Error(Errc::hsm_pin_incorrect, "hsm.pin_source",
               "The token refused the PIN before; no further login is tried.");
}

Result<void> check_tries_left(const Token& token) {
  if ((token.flags & (CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED)) != 0) {
    return Error(Errc::hsm_pin_incorrect, "hsm.pin_source",
                 "The token's PIN is locked or has one try left; no login is tried.");
  }
  return {};
}

Result<void> log_user_in(Session& session, const Token& token, const Secret& pin, LoginGate& gate) {
  FLORIN_TRY(const bool logged_in, session.user_logged_in());
  if (logged_in) return {};
  FLORIN_TRY_VOID(check_gate(gate));
  if (!token.user_pin_set()) {
    return Error(Errc::not_initialised, "hsm.uri", "The token has no user PIN yet.");
  }
  FLORIN_TRY_VOID(check_tries_left(token));
  gate.count_attempt();
  if (Result<void> done = session.login(CKU_USER, pin); !done.ok()) {
    if (session.last_failure() == FailureClass::auth_fatal) gate.close();
    return done;
  }
  return {};
}

Result<Session> open_user_session(const std::shared_ptr<Module>& module, const Token& token,
                                  const Secret& pin, LoginGate& gate, std::uint64_t generation) {
  FLORIN_TRY_VOID(check_gate(gate));
  Session session(module, token.slot, generation);
  FLORIN_TRY_VOID(session.open());
  if (Result<void> done = log_user_in(session, token, pin, gate); !done.ok()) {
    // A session that is left open would keep a half-made login alive.
    static_cast<void>(session.close().ok());
    return std::move(done).error();
  }
  return session;
}

KeyInfo key_info(const KeyOnToken& key) {
  return KeyInfo{.label = key.spec.label,
                 .number = key.spec.number,
                 .id = to_hex(key.id),
                 .check_value = key.check_value};
}

}  // namespace florin::hsm
