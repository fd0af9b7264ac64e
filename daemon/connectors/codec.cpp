#include "daemon/connectors/codec.h"

#include <algorithm>

#include "base/check.h"
#include "daemon/connectors/sandbox/codec.h"
#include "daemon/connectors/stripe/codec.h"
#include "daemon/connectors/verdicts.h"

namespace florin::connectors {

std::string_view check_finding_name(CheckFinding finding) noexcept {
  switch (finding) {
    case CheckFinding::ok:
      return "ok";
    case CheckFinding::credentials_refused:
      return "credentials_refused";
    case CheckFinding::permission_missing:
      return "permission_missing";
    case CheckFinding::busy:
      return "busy";
    case CheckFinding::unexpected:
      return "unexpected";
  }
  return "";
}

http::Request Codec::encode_cancel_key(const OperationRequest& /*operation*/,
                                       const Access& /*access*/) const {
  // Who calls this has read the sheet.
  FLORIN_ASSERT(false);
}

Inquiry Codec::decode_cancel_key(const OperationRequest& /*operation*/,
                                 const http::Response& /*response*/) const {
  return unusable("this provider cancels no keys");
}

std::span<const Codec* const> codecs() {
  static const SandboxCodec sandbox;
  static const StripeCodec stripe;
  static const Codec* const all[] = {&sandbox, &stripe};
  return all;
}

const Codec* find_codec(std::string_view kind) {
  for (const Codec* codec : codecs()) {
    if (codec->sheet().kind == kind) return codec;
  }
  return nullptr;
}

Result<void> check_api_key(BytesView api_key) {
  const bool visible = std::all_of(api_key.begin(), api_key.end(),
                                   [](std::uint8_t byte) { return byte > 0x20 && byte < 0x7F; });
  if (api_key.size() < 8 || api_key.size() > 256 || !visible) {
    return Error(Errc::malformed_value, {}, "expected 8 to 256 visible ASCII characters");
  }
  return {};
}

}  // namespace florin::connectors
