#include "hsm/login.h"

namespace florin::hsm {

Result<void> check_gate(const LoginGate& gate) {
  if (!gate.closed()) return {};
  return Error(Errc::hsm_pin_incorrect, "hsm.pin_source",
               "The token refused the PIN before; no further login is tried.");
}

Result<Session> open_user_session(const std::shared_ptr<Module>& module, const Token& token,
                                  const Secret& pin, LoginGate& gate) {
  FLORIN_TRY_VOID(check_gate(gate));
  if (!token.user_pin_set()) {
    return Error(Errc::not_initialised, "hsm.uri", "The token has no user PIN yet.");
  }
  if ((token.flags & (CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED)) != 0) {
    return Error(Errc::hsm_pin_incorrect, "hsm.pin_source",
                 "The token's PIN is locked or has one try left; no login is tried.");
  }
  Session session(module, token.slot);
  FLORIN_TRY_VOID(session.open());
  gate.count_attempt();
  if (Result<void> done = session.login(CKU_USER, pin); !done.ok()) {
    if (session.last_failure() == FailureClass::auth_fatal) gate.close();
    return std::move(done).error();
  }
  return session;
}

KeyInfo key_info(const KeyOnToken& key) {
  return KeyInfo{
      .label = std::string(key.spec.label), .id = to_hex(key.id), .check_value = key.check_value};
}

}  // namespace florin::hsm
