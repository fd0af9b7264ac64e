#include "daemon/vault/subject_pool.h"

#include <algorithm>

#include "base/aead.h"

namespace florin::vault {
namespace {

constexpr std::string_view kMagic = "SP1";
constexpr std::string_view kLabel = "subject-keys/1";
constexpr std::size_t kKeySize = 32;
constexpr std::size_t kPieceSize = kAeadNonceSize + kKeySize + kAeadTagSize;
constexpr std::size_t kBlobSize = kPoolHeaderSize + kPoolSlots * kPieceSize;

Error malformed() {
  return Error(Errc::decryption_failed, {}, {}, "not a pool of subject keys");
}

bool is_destroyed(BytesView piece) {
  return std::all_of(piece.begin(), piece.end(), [](std::uint8_t byte) { return byte == 0; });
}

BytesView piece_of(BytesView blob, std::uint32_t index) {
  const PoolPiece piece = pool_piece(index);
  return blob.subspan(piece.offset, piece.size);
}

Bytes header(std::uint32_t version) {
  ByteWriter out;
  out.raw(view_of(kMagic));
  out.u32(version);
  return std::move(out).take();
}

Bytes aad_of(const RootName& name, std::uint32_t version, std::uint32_t index) {
  ByteWriter out;
  out.raw(header(version));
  out.u32(index);
  out.sized_text(name.text());
  return std::move(out).take();
}

Bytes seal_piece(const Secret& under, const RootName& name, std::uint32_t version,
                 std::uint32_t index, BytesView key, Entropy& entropy) {
  AeadNonce nonce{};
  entropy.fill(nonce);
  Bytes out = to_bytes(nonce);
  const Bytes sealed = aead_seal(under.view(), nonce, aad_of(name, version, index), key);
  out.insert(out.end(), sealed.begin(), sealed.end());
  return out;
}

Result<SubjectKey> open_under(const Secret& under, const RootName& name, std::uint32_t version,
                              std::uint32_t index, BytesView piece) {
  if (piece.size() != kPieceSize) return malformed();
  if (is_destroyed(piece)) return SubjectKey{SubjectKeyState::destroyed, {}};
  AeadNonce nonce{};
  std::ranges::copy(piece.first(kAeadNonceSize), nonce.begin());
  FLORIN_TRY(Bytes plain, aead_open(under.view(), nonce, aad_of(name, version, index),
                                    piece.subspan(kAeadNonceSize)));
  SubjectKey out{SubjectKeyState::present, Secret{BytesView(plain)}};
  wipe(plain);
  return out;
}

}  // namespace

PoolPiece pool_piece(std::uint32_t index) noexcept {
  return {kPoolHeaderSize + index * kPieceSize, kPieceSize};
}

Result<Bytes> make_pool(const TenantKeys& keys, const RootName& name, Entropy& entropy) {
  const std::uint32_t version = keys.active_version();
  FLORIN_TRY(const Secret under, keys.derive_in(version, kLabel));
  Bytes blob = header(version);
  blob.reserve(kBlobSize);
  Secret key(kKeySize);
  for (std::uint32_t index = 0; index < kPoolSlots; ++index) {
    entropy.fill(key.writable());
    const Bytes piece = seal_piece(under, name, version, index, key.view(), entropy);
    blob.insert(blob.end(), piece.begin(), piece.end());
  }
  return blob;
}

Result<std::uint32_t> pool_version(BytesView blob) {
  ByteReader in(blob);
  if (text_of(in.raw(kMagic.size())) != kMagic) return malformed();
  const std::uint32_t version = in.u32();
  if (!in.ok()) return malformed();
  return version;
}

Result<SubjectKey> open_piece(const TenantKeys& keys, const RootName& name, std::uint32_t version,
                              std::uint32_t index, BytesView piece) {
  FLORIN_TRY(const Secret under, keys.derive_in(version, kLabel));
  return open_under(under, name, version, index, piece);
}

Result<std::optional<Bytes>> without_key(BytesView blob, std::uint32_t index) {
  if (blob.size() != kBlobSize || index >= kPoolSlots) return malformed();
  if (is_destroyed(piece_of(blob, index))) return std::optional<Bytes>();
  Bytes out = to_bytes(blob);
  const PoolPiece piece = pool_piece(index);
  std::fill_n(out.begin() + static_cast<std::ptrdiff_t>(piece.offset), piece.size, std::uint8_t{0});
  return std::optional<Bytes>(std::move(out));
}

Result<Bytes> reseal_pool(const TenantKeys& keys, const RootName& name, BytesView blob,
                          Entropy& entropy) {
  if (blob.size() != kBlobSize) return malformed();
  FLORIN_TRY(const std::uint32_t from, pool_version(blob));
  const std::uint32_t to = keys.active_version();
  FLORIN_TRY(const Secret under, keys.derive_in(from, kLabel));
  FLORIN_TRY(const Secret over, keys.derive_in(to, kLabel));
  Bytes out = header(to);
  out.reserve(kBlobSize);
  for (std::uint32_t index = 0; index < kPoolSlots; ++index) {
    FLORIN_TRY(const SubjectKey key, open_under(under, name, from, index, piece_of(blob, index)));
    const Bytes piece = key.state == SubjectKeyState::present
                            ? seal_piece(over, name, to, index, key.key.view(), entropy)
                            : Bytes(kPieceSize, 0);
    out.insert(out.end(), piece.begin(), piece.end());
  }
  return out;
}

Result<PoolCount> check_pool(const TenantKeys& keys, const RootName& name, BytesView blob) {
  if (blob.size() != kBlobSize) return malformed();
  FLORIN_TRY(const std::uint32_t version, pool_version(blob));
  FLORIN_TRY(const Secret under, keys.derive_in(version, kLabel));
  PoolCount count;
  for (std::uint32_t index = 0; index < kPoolSlots; ++index) {
    FLORIN_TRY(const SubjectKey key,
               open_under(under, name, version, index, piece_of(blob, index)));
    ++(key.state == SubjectKeyState::present ? count.keys : count.destroyed);
  }
  return count;
}

}  // namespace florin::vault
