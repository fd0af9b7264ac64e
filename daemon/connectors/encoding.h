#pragma once
/// What requests to PSPs are made of: escaped text, form bodies, authorised requests. Pure.
#include <string>
#include <string_view>

#include "daemon/connectors/codec.h"

namespace florin::connectors {

/// RFC 3986 §2.3: everything but letters, digits, "-", "_" and "~" is escaped, so that a reference
/// that a PSP gave us can never change a path, a query or a form.
std::string percent_encode(std::string_view text);

/// A request with `Authorization: Bearer <key>` and `Accept: application/json`. The key must be
/// set.
http::Request authorized_request(std::string method, std::string target, const Access& access);

/// A body of application/x-www-form-urlencoded; members stand in the order they were added.
class Form {
 public:
  /// `name` may have brackets, as in "metadata[operation]".
  Form& add(std::string_view name, std::string_view value);
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace florin::connectors
