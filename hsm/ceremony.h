#pragma once
/// What is done once in a token's life. Runs on the calling thread, in a process that has no Hsm
/// open; every function starts the module and ends it again, whatever happens. Key generation on a
/// token may take seconds and has no deadline.
#include <vector>

#include "base/entropy.h"
#include "base/secret.h"
#include "hsm/config.h"
#include "hsm/hsm.h"

namespace florin::hsm {

enum class TokenOrigin : std::uint8_t {
  fresh,            ///< take a free slot and initialise a token there
  pre_initialised,  ///< somebody has made the token and set its PINs: only use it
};

/// Makes the token that the configuration names, and its user PIN. A token that a broken ceremony
/// left without a user PIN is completed. The PIN of a SoftHSM token protects its files and must
/// have at least 16 bytes. Errors: `already_initialised`, `hsm_token_missing` (no free slot, or no
/// pre-initialised token), `not_initialised` (pre-initialised without user PIN),
/// `hsm_pin_incorrect` (SO PIN refused), `config_invalid` (PIN length), `hsm_module`,
/// `hsm_failure`.
Result<TokenInfo> initialise_token(const Config& config, const Secret& so_pin,
                                   const Secret& user_pin, TokenOrigin origin, LoginGate& gate);

/// Makes the keys kek/1, aud/1 and probe where they are missing, reads all attributes back, starts
/// the module anew and checks that the keys are still there and work. A key that exists must pass
/// every check. The caller makes sure that nothing is wrapped under an earlier kek/1.
/// Errors: `already_initialised` (all keys exist), `hsm_key_duplicate`, `hsm_key_unfit`, and as
/// Hsm::open.
Result<std::vector<KeyInfo>> create_keys(const Config& config, const Secret& user_pin,
                                         LoginGate& gate, Entropy& entropy);

}  // namespace florin::hsm
