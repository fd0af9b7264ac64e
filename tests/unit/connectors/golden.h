#pragma once
/// Requests against their golden files. Set FLORIN_UPDATE_GOLDEN=1 to write them anew after a
/// deliberate change.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "daemon/http/message.h"

namespace florin::connectors {

inline std::string render(const http::Request& request) {
  std::string out = request.method + " " + request.target + "\n";
  for (const auto& [name, value] : request.headers.fields()) out += name + ": " + value + "\n";
  return out + "\n" + request.body + (request.body.empty() ? "" : "\n");
}

/// `name` is "<kind>/<request>".
inline void expect_golden(const std::string& name, const http::Request& request) {
  const std::string path =
      std::string(FLORIN_TEST_DATA) + "/../golden/connectors/" + name + ".http";
  if (std::getenv("FLORIN_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << render(request);
  }
  std::ifstream file(path, std::ios::binary);
  std::ostringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(render(request), golden.str()) << path;
}

}  // namespace florin::connectors
