#pragma once
/// Reads the vectors of Standard Webhooks.
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "base/json.h"

namespace florin::webhooks::testing {

inline json::value load_vectors() {
  std::ifstream file(std::string(FLORIN_TEST_DATA) + "/webhooks/standard-webhooks.json");
  std::stringstream text;
  text << file.rdbuf();
  return json::parse(text.str(), {.bytes = 1U << 20U, .members = 4096}).value();
}

inline std::string text(const json::value& object, const char* name) {
  return std::string(object.as_object().at(name).as_string());
}

/// The body of a vector: base64, or a rule for the large ones.
inline std::string body_of(const json::value& vector) {
  const auto& object = vector.as_object();
  if (const auto* rule = object.if_contains("body_gen"); rule != nullptr) {
    std::string body = text(*rule, "prefix");
    const std::string unit = text(*rule, "unit");
    for (std::int64_t i = 0; i < rule->as_object().at("count").as_int64(); ++i) body += unit;
    return body + text(*rule, "suffix");
  }
  const Bytes bytes = from_base64(text(vector, "body_base64")).value();
  return std::string(text_of(bytes));
}

}  // namespace florin::webhooks::testing
