#include "hsm/encoding.h"

namespace florin::hsm {
namespace {

constexpr std::size_t kPointSize = 65;
constexpr std::uint8_t kUncompressed = 0x04;
constexpr std::uint8_t kEcParams[] = {0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07};
// SEQUENCE { SEQUENCE { id-ecPublicKey, prime256v1 }, BIT STRING of 65 bytes follows }
constexpr std::uint8_t kInfoPrefix[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48,
                                        0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48,
                                        0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};

void append_integer(Bytes& out, BytesView magnitude) {
  while (magnitude.size() > 1 && magnitude[0] == 0) magnitude = magnitude.subspan(1);
  const bool sign_byte = (magnitude[0] & 0x80U) != 0;
  out.push_back(0x02);
  out.push_back(static_cast<std::uint8_t>(magnitude.size() + (sign_byte ? 1 : 0)));
  if (sign_byte) out.push_back(0);
  out.insert(out.end(), magnitude.begin(), magnitude.end());
}

}  // namespace

Result<Bytes> decode_ec_point(BytesView attribute) {
  BytesView point = attribute;
  if (point.size() == kPointSize + 2 && point[0] == 0x04 && point[1] == kPointSize) {
    point = point.subspan(2);
  } else if (point.size() == kPointSize + 3 && point[0] == 0x03 && point[1] == kPointSize + 1 &&
             point[2] == 0) {
    point = point.subspan(3);
  }
  if (point.size() != kPointSize || point[0] != kUncompressed) {
    return Error(Errc::hsm_key_unfit, {}, {},
                 "the public point is not an uncompressed P-256 point");
  }
  return to_bytes(point);
}

Result<Bytes> public_key_info_p256(BytesView point) {
  if (point.size() != kPointSize || point[0] != kUncompressed) {
    return Error(Errc::hsm_key_unfit, {}, {},
                 "the public point is not an uncompressed P-256 point");
  }
  Bytes out = to_bytes(kInfoPrefix);
  out.insert(out.end(), point.begin(), point.end());
  return out;
}

BytesView ec_params_p256() noexcept {
  return kEcParams;
}

Result<Bytes> ecdsa_signature_der(BytesView raw) {
  if (raw.size() != 64) {
    return Error(Errc::hsm_failure, {}, {}, "the token's signature is not 64 bytes long");
  }
  Bytes body;
  append_integer(body, raw.first(32));
  append_integer(body, raw.last(32));
  Bytes out = {0x30, static_cast<std::uint8_t>(body.size())};
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

}  // namespace florin::hsm
