#pragma once
/// Character classes of HTTP (RFC 9110 §5.6, RFC 3986), independent of the locale.
#include <string_view>

namespace florin::http {

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
constexpr bool is_upper(char c) noexcept {
  return c >= 'A' && c <= 'Z';
}
constexpr char lower(char c) noexcept {
  return is_upper(c) ? static_cast<char>(c + 32) : c;
}
constexpr bool is_alpha(char c) noexcept {
  return lower(c) >= 'a' && lower(c) <= 'z';
}
constexpr bool is_hex(char c) noexcept {
  return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f');
}
/// tchar of RFC 9110 §5.6.2.
constexpr bool is_token_char(char c) noexcept {
  return is_digit(c) || is_alpha(c) ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}
/// What a field value may contain: printable, space, tab, and opaque bytes from 0x80.
constexpr bool is_value_char(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
}
constexpr bool is_token(std::string_view text) noexcept {
  for (const char c : text) {
    if (!is_token_char(c)) return false;
  }
  return !text.empty();
}
constexpr bool is_value(std::string_view text) noexcept {
  for (const char c : text) {
    if (!is_value_char(c)) return false;
  }
  return true;
}
constexpr bool equal_fold(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}
/// Without spaces and tabs at both ends.
constexpr std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}
/// Origin-form (RFC 9112 §3.2.1) with only the characters of RFC 3986 and whole percent triplets.
constexpr bool is_origin_form(std::string_view target) noexcept {
  if (target.empty() || target.front() != '/') return false;
  for (std::size_t i = 0; i < target.size(); ++i) {
    const char c = target[i];
    if (c == '%') {
      if (i + 2 >= target.size() || !is_hex(target[i + 1]) || !is_hex(target[i + 2])) return false;
    } else if (!is_digit(c) && !is_alpha(c) &&
               std::string_view("-._~!$&'()*+,;=:@/?").find(c) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

}  // namespace florin::http
