#include "hsm/uri.h"

namespace florin::hsm {
namespace {

constexpr std::string_view kScheme = "pkcs11:";
constexpr std::size_t kLabelSize = 32;
constexpr std::size_t kSerialSize = 16;

Error refuse(std::string message) {
  return Error(Errc::config_invalid, "hsm.uri", std::move(message));
}

// pk11-pchar of RFC 7512 §2.3 without the percent sign.
bool is_plain(char letter) noexcept {
  const bool alphanumeric = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                            (letter >= '0' && letter <= '9');
  return alphanumeric ||
         std::string_view("-._~:[]@!$'()*+,=&").find(letter) != std::string_view::npos;
}

int hex_value(char digit) noexcept {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

Result<std::string> percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      if (!is_plain(text[i])) return refuse("a character is not allowed in a PKCS#11 URI");
      out.push_back(text[i]);
      continue;
    }
    const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
    if (high < 0 || low < 0 || (high == 0 && low == 0)) {
      return refuse("a percent-encoding in the PKCS#11 URI is not valid");
    }
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return out;
}

Result<void> take(std::optional<std::string>& slot, std::string_view name, std::string_view value,
                  std::size_t limit) {
  if (slot.has_value()) return refuse("the attribute " + std::string(name) + " is given twice");
  FLORIN_TRY(std::string decoded, percent_decode(value));
  if (decoded.empty() || decoded.size() > limit) {
    return refuse("the attribute " + std::string(name) + " is empty or too long");
  }
  // Tokens pad with blanks; a trailing blank could never match.
  if (decoded.back() == ' ')
    return refuse("the attribute " + std::string(name) + " ends in a blank");
  slot = std::move(decoded);
  return {};
}

}  // namespace

Result<TokenUri> parse_token_uri(std::string_view text) {
  if (!text.starts_with(kScheme)) return refuse("a PKCS#11 URI begins with pkcs11:");
  std::string_view rest = text.substr(kScheme.size());
  if (rest.find('?') != std::string_view::npos) {
    return refuse("query attributes are not allowed; the PIN comes from pin_source");
  }
  std::optional<std::string> token;
  std::optional<std::string> serial;
  while (true) {
    const std::size_t end = rest.find(';');
    const std::string_view part = rest.substr(0, end);
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) return refuse("an attribute has no value");
    const std::string_view name = part.substr(0, equals);
    const std::string_view value = part.substr(equals + 1);
    if (name == "token") {
      FLORIN_TRY_VOID(take(token, name, value, kLabelSize));
    } else if (name == "serial") {
      FLORIN_TRY_VOID(take(serial, name, value, kSerialSize));
    } else {
      return refuse("only the attributes token and serial are allowed");
    }
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  if (!token.has_value()) return refuse("the attribute token is missing");
  return TokenUri{std::move(*token), std::move(serial)};
}

}  // namespace florin::hsm
