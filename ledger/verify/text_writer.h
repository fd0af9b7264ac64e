#pragma once
/// Appends values to a text as the files of a package spell them, without a string for each value.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/uint128.h"
#include "base/uuid.h"

namespace florin::verify {

class TextWriter {
 public:
  explicit TextWriter(std::string& out) : out_(out) {}
  TextWriter& text(std::string_view value) {
    out_.append(value);
    return *this;
  }
  TextWriter& number(std::uint64_t value);
  TextWriter& whole(std::int64_t value);
  TextWriter& total(Uint128 value);
  TextWriter& net(Int128 value);
  TextWriter& id(const Uuid& value);
  TextWriter& hex(BytesView bytes);
  TextWriter& base64(BytesView bytes);
  /// RFC 3339 in UTC with nine decimals; `unix_ns` is not negative.
  TextWriter& time(std::int64_t unix_ns);
  /// Printable ASCII between quotation marks, as JSON has it.
  TextWriter& quoted(std::string_view value);

 private:
  std::string& out_;
};

}  // namespace florin::verify
