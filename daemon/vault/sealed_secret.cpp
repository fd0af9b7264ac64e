#include "daemon/vault/sealed_secret.h"

#include <algorithm>
#include <utility>

#include "base/aead.h"

namespace florin::vault {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kKeyDigestSize = 4;
constexpr std::size_t kKeyIdSize = 4 + kKeyDigestSize;
constexpr std::size_t kHeaderSize = 1 + kKeyIdSize;
constexpr std::size_t kOverhead = kHeaderSize + kAeadNonceSize + kAeadTagSize;
constexpr std::size_t kLongestSecret = 64U << 10U;

// Format and key id: tells which key a record needs before anything is decrypted. What tells keys
// apart comes from a derivation of its own, so it says nothing about the key.
Result<Bytes> record_header(const TenantKeys& keys, std::uint32_t version, std::string_view label) {
  FLORIN_TRY(const Secret id, keys.derive_in(version, std::string(label) + "|id"));
  ByteWriter header;
  header.u8(kFormat);
  header.u32(version);
  header.raw(id.view().first(kKeyDigestSize));
  return std::move(header).take();
}

Bytes aad_of(BytesView header, std::string_view place) {
  Bytes aad = to_bytes(header);
  const BytesView bytes = view_of(place);
  aad.insert(aad.end(), bytes.begin(), bytes.end());
  return aad;
}

}  // namespace

std::string secret_place(std::string_view tenant, std::string_view table, std::string_view row,
                         std::string_view column) {
  std::string out;
  bool first = true;
  for (const std::string_view part : {tenant, table, row, column}) {
    if (!std::exchange(first, false)) out.push_back('|');
    for (const char letter : part) {
      if (letter == '|' || letter == '\\') out.push_back('\\');
      out.push_back(letter);
    }
  }
  return out;
}

Result<Bytes> seal_secret(const TenantKeys& keys, std::string_view label, std::string_view place,
                          BytesView plaintext, Entropy& entropy) {
  if (plaintext.size() > kLongestSecret) return Error(Errc::value_too_long);
  const std::uint32_t version = keys.active_version();
  FLORIN_TRY(Bytes record, record_header(keys, version, label));
  FLORIN_TRY(const Secret key, keys.derive_in(version, label));
  AeadNonce nonce{};
  entropy.fill(nonce);
  const Bytes sealed = aead_seal(key.view(), nonce, aad_of(record, place), plaintext);
  record.insert(record.end(), nonce.begin(), nonce.end());
  record.insert(record.end(), sealed.begin(), sealed.end());
  return record;
}

Result<Secret> open_secret(const TenantKeys& keys, std::string_view label, std::string_view place,
                           BytesView record) {
  FLORIN_TRY(const std::uint32_t version, sealed_version(record));
  FLORIN_TRY(const Bytes header, record_header(keys, version, label));
  if (!std::ranges::equal(header, record.first(kHeaderSize))) return Error(Errc::decryption_failed);
  FLORIN_TRY(const Secret key, keys.derive_in(version, label));
  AeadNonce nonce{};
  std::ranges::copy(record.subspan(kHeaderSize, kAeadNonceSize), nonce.begin());
  FLORIN_TRY(Bytes plain, aead_open(key.view(), nonce, aad_of(header, place),
                                    record.subspan(kHeaderSize + kAeadNonceSize)));
  Secret out{BytesView(plain)};
  wipe(plain);
  return out;
}

Result<std::uint32_t> sealed_version(BytesView record) {
  if (record.size() < kOverhead || record.size() > kOverhead + kLongestSecret) {
    return Error(Errc::decryption_failed);
  }
  ByteReader in(record);
  if (in.u8() != kFormat) return Error(Errc::decryption_failed);
  return in.u32();
}

}  // namespace florin::vault
