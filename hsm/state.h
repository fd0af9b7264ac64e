#pragma once
/// What state the connection to the security module is in, and how it moves: a pure table.
#include <cstdint>
#include <optional>
#include <string_view>

namespace florin::hsm {

enum class State : std::uint8_t {
  down,          ///< lost; the next attempt to start the module anew has its time
  initialising,  ///< C_Initialize, finding the token, the login
  checking,      ///< attributes, check values, self-test
  ready,
  degraded,      ///< it answers badly: single trial calls only
  reinit,        ///< lanes are drained, C_Finalize comes
  auth_blocked,  ///< the PIN was refused: no login until an operator gives one
  stopped,
};
/// "down", "initialising", …, "auth-blocked".
std::string_view state_name(State state) noexcept;
/// Every state, for metrics.
inline constexpr State kStates[] = {State::down,         State::initialising, State::checking,
                                    State::ready,        State::degraded,     State::reinit,
                                    State::auth_blocked, State::stopped};

enum class Event : std::uint8_t {
  start,           ///< the first start, or the lanes are drained and the module is ended
  logged_in,       ///< token found, login accepted
  checks_passed,   ///< the keys are those of the start and work
  start_failed,    ///< any step of a start failed, the login aside
  login_refused,   ///< the token refused the PIN, or says that it would be locked by another wrong
                   ///< one
  breaker_opened,  ///< too many device failures and late answers
  breaker_closed,  ///< a trial call succeeded
  token_lost,      ///< only C_Finalize and C_Initialize can help
  drain_failed,    ///< a call is stuck, so C_Finalize is impossible
  new_pin,         ///< an operator gave one
  stop,
};

/// The state after the event; nothing where the event means nothing in that state.
std::optional<State> next_state(State state, Event event) noexcept;

}  // namespace florin::hsm
