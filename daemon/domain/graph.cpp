#include <map>
#include <set>

#include "daemon/domain/dispute.h"
#include "daemon/domain/part_status.h"
#include "daemon/domain/payment_status.h"

namespace florin::domain {
namespace {

std::string quoted(std::string_view machine, std::string_view state) {
  return '"' + std::string(machine) + '.' + std::string(state) + '"';
}

void write_nodes(std::string& out, const Machine& machine) {
  std::vector<std::string> order{std::string(machine.start)};
  std::set<std::string> known{order.front()};
  std::set<std::string> left;
  for (const Edge& edge : machine.edges) {
    left.insert(edge.from);
    for (const std::string& state : {edge.from, edge.to}) {
      if (known.insert(state).second) order.push_back(state);
    }
  }
  for (const std::string& state : order) {
    out += "    " + quoted(machine.name, state) + " [label=\"" + state + "\"";
    if (!left.contains(state)) out += " peripheries=2";
    if (state == machine.start) out += " style=filled fillcolor=lightgrey";
    out += "];\n";
  }
}

// Parallel rows share an arrow.
void write_edges(std::string& out, const Machine& machine) {
  std::vector<std::pair<std::string, std::string>> order;
  order.reserve(machine.edges.size());
  std::map<std::pair<std::string, std::string>, std::string> labels;
  for (const Edge& edge : machine.edges) {
    const std::pair<std::string, std::string> way{edge.from, edge.to};
    auto [at, fresh] = labels.try_emplace(way, edge.input);
    if (fresh) {
      order.push_back(way);
    } else {
      at->second += "\\n" + edge.input;
    }
  }
  for (const auto& way : order) {
    out += "    " + quoted(machine.name, way.first) + " -> " + quoted(machine.name, way.second) +
           " [label=\"" + labels.at(way) + "\"];\n";
  }
}

}  // namespace

std::vector<Machine> machines() {
  return {payment_machine(), attempt_machine(), operation_machine(),
          capture_machine(), refund_machine(),  dispute_machine()};
}

std::string to_dot(std::span<const Machine> machines) {
  std::string out = "digraph payments {\n  rankdir=LR;\n  node [shape=box];\n";
  for (const Machine& machine : machines) {
    const std::string name(machine.name);
    out += "  subgraph \"cluster_" + name + "\" {\n    label=\"" + name + ": " +
           std::string(machine.about) + "\";\n";
    write_nodes(out, machine);
    write_edges(out, machine);
    out += "  }\n";
  }
  return out + "}\n";
}

}  // namespace florin::domain
