#include "hsm/token.h"

#include <fmt/format.h>

#include <string_view>

#include "hsm/error_table.h"

namespace florin::hsm {
namespace {

template <std::size_t N>
std::string unpad(const unsigned char (&text)[N]) {
  std::string out;
  for (const unsigned char letter : text) {
    if (letter == 0) break;
    // A token's own texts end up in tables and logs; only printable ones are believed.
    out.push_back(letter < 0x20 || letter == 0x7F ? '?' : static_cast<char>(letter));
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

Token make_token(CK_SLOT_ID slot, const CK_TOKEN_INFO& raw) {
  Token token;
  token.slot = slot;
  token.flags = raw.flags;
  token.shortest_pin = raw.ulMinPinLen;
  token.longest_pin = raw.ulMaxPinLen;
  token.info.label = unpad(raw.label);
  token.info.serial = unpad(raw.serialNumber);
  token.info.manufacturer = unpad(raw.manufacturerID);
  token.info.model = unpad(raw.model);
  token.info.firmware =
      fmt::format("{}.{}", int{raw.firmwareVersion.major}, int{raw.firmwareVersion.minor});
  return token;
}

}  // namespace

Result<std::vector<Token>> list_tokens(Module& module) {
  CK_ULONG count = 0;
  CK_SLOT_ID* const none = nullptr;
  const CK_BBOOL present = CK_TRUE;
  CK_RV rv = module.call(&CK_FUNCTION_LIST::C_GetSlotList, present, none, &count);
  if (rv != CKR_OK) return call_error("C_GetSlotList", rv);
  std::vector<CK_SLOT_ID> slots(count);
  rv = module.call(&CK_FUNCTION_LIST::C_GetSlotList, present, slots.data(), &count);
  if (rv != CKR_OK) return call_error("C_GetSlotList", rv);
  slots.resize(count);
  std::vector<Token> tokens;
  for (const CK_SLOT_ID slot : slots) {
    CK_TOKEN_INFO raw{};
    rv = module.call(&CK_FUNCTION_LIST::C_GetTokenInfo, slot, &raw);
    if (rv == CKR_TOKEN_NOT_PRESENT || rv == CKR_TOKEN_NOT_RECOGNIZED) continue;
    if (rv != CKR_OK) return call_error("C_GetTokenInfo", rv);
    tokens.push_back(make_token(slot, raw));
  }
  return tokens;
}

Result<std::optional<Token>> find_token_if_any(Module& module, const TokenUri& uri) {
  FLORIN_TRY(const std::vector<Token> tokens, list_tokens(module));
  std::optional<Token> found;
  for (const Token& token : tokens) {
    if (!token.initialised() || token.info.label != uri.token) continue;
    if (uri.serial.has_value() && token.info.serial != *uri.serial) continue;
    if (found.has_value()) {
      return Error(Errc::hsm_token_missing, "hsm.uri",
                   "More than one token matches; name its serial number.");
    }
    found = token;
  }
  return found;
}

Result<Token> find_token(Module& module, const TokenUri& uri) {
  FLORIN_TRY(std::optional<Token> found, find_token_if_any(module, uri));
  if (!found.has_value()) {
    return Error(Errc::hsm_token_missing, "hsm.uri", "No token has this label and serial number.");
  }
  return std::move(*found);
}

}  // namespace florin::hsm
