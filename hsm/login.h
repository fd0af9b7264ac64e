#pragma once
/// Private to this room: the one login.
#include "hsm/config.h"
#include "hsm/hsm.h"
#include "hsm/keys.h"
#include "hsm/session.h"
#include "hsm/token.h"

namespace florin::hsm {

/// Opens a session and logs the user in, unless the gate is closed or the token says that one more
/// wrong PIN locks it. Errors: `hsm_pin_incorrect` (the gate is closed then), `not_initialised`,
/// and as the module says.
Result<Session> open_user_session(const std::shared_ptr<Module>& module, const Token& token,
                                  const Secret& pin, LoginGate& gate, std::uint64_t generation = 0);
/// Logs the user in on an open session, unless it is logged in. Errors: as open_user_session.
Result<void> log_user_in(Session& session, const Token& token, const Secret& pin, LoginGate& gate);
/// Whether the token takes a PIN of this length, and for the user one that protects a SoftHSM's
/// files. Error: `config_invalid` with the field.
Result<void> check_new_pin(const Token& token, const Secret& pin, const char* field, bool user);
/// The error of a token whose PIN is locked or would be by one wrong try.
Result<void> check_tries_left(const Token& token);
/// The error of a closed gate.
Result<void> check_gate(const LoginGate& gate);
KeyInfo key_info(const KeyOnToken& key);

}  // namespace florin::hsm
