#include "daemon/connectors/codec.h"

#include <algorithm>

#include "daemon/connectors/sandbox/codec.h"

namespace florin::connectors {

const Codec* find_codec(std::string_view kind) {
  static const SandboxCodec sandbox;
  static const Codec* const codecs[] = {&sandbox};
  for (const Codec* codec : codecs) {
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
