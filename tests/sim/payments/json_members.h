#pragma once
/// Members of JSON objects, as the auditor reads them: what is not there is empty.
#include "base/json.h"

namespace florin::sim {

inline std::string text_of(const json::object& object, std::string_view name) {
  const json::value* const found = object.if_contains(name);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

inline std::int64_t number_of(const json::object& object, std::string_view name) {
  const json::value* const found = object.if_contains(name);
  return found != nullptr && found->is_int64() ? found->get_int64() : 0;
}

inline const json::array& list_of(const json::object& object, std::string_view name) {
  static const json::array none;
  const json::value* const found = object.if_contains(name);
  return found != nullptr && found->is_array() ? found->get_array() : none;
}

inline std::int64_t amount_of(const json::object& view, std::string_view name) {
  const json::value* const found = view.if_contains(name);
  return found != nullptr && found->is_object() ? number_of(found->get_object(), "value") : -1;
}

inline json::object parsed(const std::string& text) {
  auto document = json::parse(text);
  return document.ok() && document->is_object() ? std::move(document->get_object())
                                                : json::object();
}

}  // namespace florin::sim
