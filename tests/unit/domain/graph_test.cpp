#include <set>

#include "unit/domain/world.h"

namespace florin::domain::graph_test {
namespace {

TEST(Graph, EveryMachineIsConnectedAndEnds) {
  std::set<std::string_view> names;
  for (const Machine& machine : machines()) {
    SCOPED_TRACE(machine.name);
    EXPECT_TRUE(names.insert(machine.name).second);
    std::set<std::string> from, reached{std::string(machine.start)};
    for (const Edge& edge : machine.edges) {
      EXPECT_FALSE(edge.from.empty() || edge.input.empty() || edge.to.empty());
      from.insert(edge.from);
    }
    for (bool more = true; more;) {
      more = false;
      for (const Edge& edge : machine.edges) {
        if (reached.contains(edge.from)) more |= reached.insert(edge.to).second;
      }
    }
    for (const std::string& state : from) EXPECT_TRUE(reached.contains(state)) << state;
    EXPECT_LT(from.size(), reached.size()) << "nothing is terminal";
  }
  EXPECT_TRUE(names.contains("payment") && names.contains("operation"));
}

TEST(Graph, DotHasEveryRowOnceAndClosesWhatItOpens) {
  const std::vector<Machine> all = machines();
  const std::string dot = to_dot(all);
  EXPECT_TRUE(dot.starts_with("digraph payments {"));
  EXPECT_EQ(std::count(dot.begin(), dot.end(), '{'), std::count(dot.begin(), dot.end(), '}'));
  EXPECT_EQ(std::count(dot.begin(), dot.end(), '"') % 2, 0);
  EXPECT_NE(dot.find("\"operation.unknown\" -> \"operation.review\" [label=\"differs\"]"),
            std::string::npos);
  EXPECT_NE(dot.find("\"operation.declined\" [label=\"declined\" peripheries=2]"),
            std::string::npos);
  for (const Machine& machine : all) {
    for (const Edge& edge : machine.edges) {
      const std::string name(machine.name);
      const std::string arrow =
          "\"" + name + "." + edge.from + "\" -> \"" + name + "." + edge.to + "\"";
      const std::size_t at = dot.find(arrow);
      ASSERT_NE(at, std::string::npos) << arrow;
      EXPECT_EQ(dot.find(arrow, at + 1), std::string::npos) << arrow;
    }
  }
}

}  // namespace
}  // namespace florin::domain::graph_test
