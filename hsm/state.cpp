#include "hsm/state.h"

#include <array>
#include <cstddef>

namespace florin::hsm {
namespace {

struct Row {
  State from;
  Event event;
  State to;
};

constexpr Row kRows[] = {
    {State::stopped, Event::start, State::initialising},
    {State::initialising, Event::logged_in, State::checking},
    {State::initialising, Event::start_failed, State::down},
    {State::initialising, Event::login_refused, State::auth_blocked},
    {State::checking, Event::checks_passed, State::ready},
    {State::checking, Event::start_failed, State::down},
    {State::ready, Event::breaker_opened, State::degraded},
    {State::ready, Event::token_lost, State::reinit},
    {State::ready, Event::login_refused, State::auth_blocked},
    {State::degraded, Event::breaker_closed, State::ready},
    {State::degraded, Event::token_lost, State::reinit},
    {State::degraded, Event::login_refused, State::auth_blocked},
    {State::reinit, Event::start, State::initialising},
    {State::reinit, Event::drain_failed, State::down},
    {State::reinit, Event::start_failed, State::down},
    {State::down, Event::token_lost, State::reinit},
    {State::auth_blocked, Event::new_pin, State::reinit},
};

}  // namespace

std::string_view state_name(State state) noexcept {
  constexpr std::array<std::string_view, 8> kNames = {
      "down", "initialising", "checking", "ready", "degraded", "reinit", "auth-blocked", "stopped"};
  return kNames[static_cast<std::size_t>(state)];
}

std::optional<State> next_state(State state, Event event) noexcept {
  if (event == Event::stop) {
    return state == State::stopped ? std::nullopt : std::optional(State::stopped);
  }
  for (const Row& row : kRows) {
    if (row.from == state && row.event == event) return row.to;
  }
  return std::nullopt;
}

}  // namespace florin::hsm
