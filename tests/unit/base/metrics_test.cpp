#include "base/metrics.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace florin::metrics::metrics_test {
namespace {

TEST(Metrics, WritesThePageInTheTextFormat) {
  Registry registry;
  registry.counter("hsm_operations_total", "Operations.", {{"operation", "wrap"}}).add(2);
  registry.counter("hsm_operations_total", "Operations.", {{"operation", "sign"}}).add();
  registry.gauge("hsm_lanes_stuck", "Lanes \\ stuck\nnow.").set(-1);
  registry.gauge("odd", "Odd.", {{"a", "x\"y\\z\n"}, {"b", "2"}}).set(7);
  EXPECT_EQ(registry.to_text(),
            "# HELP hsm_lanes_stuck Lanes \\\\ stuck\\nnow.\n"
            "# TYPE hsm_lanes_stuck gauge\n"
            "hsm_lanes_stuck -1\n"
            "# HELP hsm_operations_total Operations.\n"
            "# TYPE hsm_operations_total counter\n"
            "hsm_operations_total{operation=\"sign\"} 1\n"
            "hsm_operations_total{operation=\"wrap\"} 2\n"
            "# HELP odd Odd.\n"
            "# TYPE odd gauge\n"
            "odd{a=\"x\\\"y\\\\z\\n\",b=\"2\"} 7\n");
}

TEST(Metrics, OneNameAndLabelsIsOneMeter) {
  Registry registry;
  Counter& first = registry.counter("n", "N.");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&registry] {
      for (int j = 0; j < 1000; ++j) registry.counter("n", "N.").add();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(first.value(), 4000U);
}

}  // namespace
}  // namespace florin::metrics::metrics_test
