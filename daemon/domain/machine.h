#pragma once
/// State machines as tables: one row a transition, checked at compile time, printable as a graph.
#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace florin::domain {

template <class State, class Input>
struct Transition {
  State from;
  Input input;
  State to;
};

/// The state after an input. Nothing for a pair without a row: then nothing changes.
template <class State, class Input, std::size_t N>
constexpr std::optional<State> follow(const std::array<Transition<State, Input>, N>& table,
                                      State from, Input input) noexcept {
  for (const auto& row : table) {
    if (row.from == from && row.input == input) return row.to;
  }
  return std::nullopt;
}

/// No pair of state and input has two rows.
template <class State, class Input, std::size_t N>
constexpr bool is_deterministic(const std::array<Transition<State, Input>, N>& table) noexcept {
  for (std::size_t i = 0; i < N; ++i) {
    for (std::size_t j = i + 1; j < N; ++j) {
      if (table[i].from == table[j].from && table[i].input == table[j].input) return false;
    }
  }
  return true;
}

/// Every row leads to another state.
template <class State, class Input, std::size_t N>
constexpr bool every_row_moves(const std::array<Transition<State, Input>, N>& table) noexcept {
  return std::all_of(table.begin(), table.end(),
                     [](const auto& row) { return row.from != row.to; });
}

template <class State, class Input, std::size_t N>
constexpr bool is_terminal(const std::array<Transition<State, Input>, N>& table,
                           State state) noexcept {
  return std::none_of(table.begin(), table.end(),
                      [state](const auto& row) { return row.from == state; });
}

template <class State, class Input, std::size_t N>
constexpr bool are_terminal(const std::array<Transition<State, Input>, N>& table,
                            std::initializer_list<State> states) noexcept {
  return std::all_of(states.begin(), states.end(),
                     [&table](State state) { return is_terminal(table, state); });
}

/// A table as it is printed.
struct Edge {
  std::string from;
  std::string input;
  std::string to;
};
struct Machine {
  std::string_view name;
  std::string_view about;
  std::string_view start;  ///< the state in which the object comes to be
  std::vector<Edge> edges;
};

template <class State, class Input, std::size_t N, class StateName, class InputName>
std::vector<Edge> edges_of(const std::array<Transition<State, Input>, N>& table,
                           StateName state_name, InputName input_name) {
  std::vector<Edge> out;
  out.reserve(N);
  for (const auto& row : table) {
    out.push_back({std::string(state_name(row.from)), std::string(input_name(row.input)),
                   std::string(state_name(row.to))});
  }
  return out;
}

/// All machines of a payment, in the order in which they are shown.
std::vector<Machine> machines();
/// One graph of the DOT language with a cluster for each machine; terminal states have two lines.
std::string to_dot(std::span<const Machine> machines);

}  // namespace florin::domain
