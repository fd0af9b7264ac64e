#include "daemon/connectors/encoding.h"

#include "base/check.h"

namespace florin::connectors {

std::string percent_encode(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size() * 3);
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    const bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                       (byte >= '0' && byte <= '9') || byte == '-' || byte == '_' || byte == '~';
    if (plain) {
      out.push_back(letter);
    } else {
      out.push_back('%');
      out.push_back(digits[byte >> 4U]);
      out.push_back(digits[byte & 0x0FU]);
    }
  }
  return out;
}

http::Request authorized_request(std::string method, std::string target, const Access& access) {
  FLORIN_ASSERT(access.api_key != nullptr);
  http::Request out;
  out.method = std::move(method);
  out.target = std::move(target);
  std::string authorization = "Bearer ";
  // One allocation: growing would leave a copy of the key behind.
  authorization.reserve(authorization.size() + access.api_key->size());
  authorization += text_of(access.api_key->view());
  out.headers.add("Authorization", std::move(authorization));
  out.headers.add("Accept", "application/json");
  return out;
}

Form& Form::add(std::string_view name, std::string_view value) {
  if (!text_.empty()) text_ += '&';
  text_ += percent_encode(name);
  text_ += '=';
  text_ += percent_encode(value);
  return *this;
}

}  // namespace florin::connectors
