#pragma once
/// The one strict door for JSON (RFC 8259): no duplicate members, no floating point, no nesting
/// over 16, no bytes after the value, only valid UTF-8 without U+0000. Numbers are 64-bit integers.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace florin::json {

using boost::json::array;
using boost::json::object;
using boost::json::value;

struct Limits {
  std::size_t bytes = 64UL * 1024;
  std::size_t members = 256;  ///< per object
};

/// Errors: `malformed_json`, whose message tells the place; `field_type` for a member whose number
/// is not a whole one of 64 bits, with its JSON pointer (RFC 6901) as field; `payload_too_large`.
Result<value> parse(std::string_view text, const Limits& limits = {});

/// Minified text with every non-ASCII code point escaped, so that no re-encoding on the way can
/// change what was signed.
std::string write(const value& json);
/// RFC 8785 style canonical text (members sorted by name); equal documents have equal texts.
std::string canonical(const value& json);

/// Reads the members of one object; collects what was wrong with each field. A field that nobody
/// asked for is an error: call `finish` last. Field names in errors are JSON pointers below
/// `pointer`.
class Reader {
 public:
  explicit Reader(const value& json, std::string pointer = {});
  std::optional<std::string> text(std::string_view name, std::size_t max_length,
                                  bool required = true);
  std::optional<std::int64_t> integer(std::string_view name, bool required = true);
  std::optional<bool> boolean(std::string_view name, bool required = true);
  /// The member as it is, or null when absent.
  const value* member(std::string_view name, bool required = true);
  /// Reports a problem of our own with a member.
  void fail(Error error) { errors_.push_back(std::move(error)); }
  [[nodiscard]] std::string pointer_of(std::string_view name) const;
  /// All that was wrong so far; unknown members are added. Empty means all is well.
  std::vector<Error> finish();

 private:
  const value* take(std::string_view name, bool required);
  const object* object_ = nullptr;
  std::string pointer_;
  std::vector<std::string> known_;
  std::vector<Error> errors_;
};

}  // namespace florin::json
