#pragma once
/// Routes as data: a method, a path template such as "/v1/payments/{id}/captures", and a value of
/// the caller's choice. Matching is exact: no decoding, no case folding, no trailing slash.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "daemon/http/message.h"

namespace florin::http {

struct Match {
  std::size_t route = 0;  ///< number given by add()
  std::vector<std::pair<std::string, std::string>> parameters;
  [[nodiscard]] std::string_view parameter(std::string_view name) const;
};

class Router {
 public:
  /// Returns the route's number, counted from 0.
  std::size_t add(std::string method, std::string path_template);
  /// Errors: `not_found`; `method_not_allowed` with the allowed methods, comma-separated, as
  /// detail.
  [[nodiscard]] Result<Match> match(std::string_view method, std::string_view path) const;
  [[nodiscard]] std::string_view template_of(std::size_t route) const {
    return routes_[route].path;
  }

 private:
  struct Route {
    std::string method;
    std::string path;
    std::vector<std::string> segments;
  };
  std::vector<Route> routes_;
};

}  // namespace florin::http
