#include "daemon/http/router.h"

#include <algorithm>

namespace florin::http {
namespace {

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> segments;
  std::size_t at = 0;
  while (at < path.size()) {
    const std::size_t next = std::min(path.find('/', at + 1), path.size());
    segments.emplace_back(path.substr(at + 1, next - at - 1));
    at = next;
  }
  return segments;
}

bool is_parameter(std::string_view segment) noexcept {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

/// A parameter takes one segment that is neither empty nor encoded: identifiers need no encoding,
/// and an encoded slash or dot must never reach a handler.
bool matches(const std::vector<std::string>& pattern, const std::vector<std::string>& segments) {
  if (pattern.size() != segments.size()) return false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (is_parameter(pattern[i])) {
      if (segments[i].empty() || segments[i] == "." || segments[i] == ".." ||
          segments[i].find_first_of("%;") != std::string::npos) {
        return false;
      }
    } else if (pattern[i] != segments[i]) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::string_view Match::parameter(std::string_view name) const {
  for (const auto& [key, value] : parameters) {
    if (key == name) return value;
  }
  return {};
}

std::size_t Router::add(std::string method, std::string path_template) {
  FLORIN_ASSERT(!path_template.empty() && path_template.front() == '/');
  std::vector<std::string> segments = split(path_template);
  routes_.push_back({std::move(method), std::move(path_template), std::move(segments)});
  return routes_.size() - 1;
}

Result<Match> Router::match(std::string_view method, std::string_view path) const {
  if (path.empty() || path.front() != '/') return Error(Errc::not_found);
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  const std::vector<std::string> segments = split(path);
  std::vector<std::string_view> allowed;
  const Route* best = nullptr;
  // Of two routes the one with the earlier literal segment wins ("/a/self" before "/a/{id}").
  const auto closer = [](const Route& a, const Route& b) {
    for (std::size_t i = 0; i < a.segments.size(); ++i) {
      const bool a_parameter = is_parameter(a.segments[i]);
      if (a_parameter != is_parameter(b.segments[i])) return !a_parameter;
    }
    return false;
  };
  for (const Route& route : routes_) {
    if (!matches(route.segments, segments)) continue;
    if (std::find(allowed.begin(), allowed.end(), route.method) == allowed.end()) {
      allowed.push_back(route.method);
      if (route.method == "GET") allowed.emplace_back("HEAD");
    }
    if (route.method == wanted && (best == nullptr || closer(route, *best))) best = &route;
  }
  if (best == nullptr) {
    if (allowed.empty()) return Error(Errc::not_found);
    std::string list;
    for (const std::string_view name : allowed) list.append(list.empty() ? "" : ", ").append(name);
    return Error(Errc::method_not_allowed, "", "", list);
  }
  Match match;
  match.route = static_cast<std::size_t>(best - routes_.data());
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const std::string& name = best->segments[i];
    if (is_parameter(name))
      match.parameters.emplace_back(name.substr(1, name.size() - 2), segments[i]);
  }
  return match;
}

}  // namespace florin::http
