#pragma once
/// Digests and keyed digests over OpenSSL 3. All functions are thread-safe and do no I/O.
#include <initializer_list>
#include <memory>
#include <string_view>

#include "base/bytes.h"
#include "base/secret.h"

namespace florin {

/// SHA-256 (FIPS 180-4) of the parts joined.
Hash32 sha256(std::initializer_list<BytesView> parts);
inline Hash32 sha256(BytesView bytes) {
  return sha256({bytes});
}

/// SHA-256 of a stream. Not thread-safe; one stream per object.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(const Sha256Stream&) = delete;
  Sha256Stream& operator=(const Sha256Stream&) = delete;
  void update(BytesView bytes);
  /// The digest of all bytes; the object must not be used again.
  Hash32 finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// HMAC-SHA-256 (RFC 2104) of the parts joined.
Hash32 hmac_sha256(BytesView key, std::initializer_list<BytesView> parts);

/// HKDF-SHA-256 (RFC 5869). `size` at most 255 * 32 bytes.
Secret hkdf_sha256(BytesView key, BytesView salt, BytesView info, std::size_t size);

/// CRC-32C (Castagnoli), for torn-write detection only.
std::uint32_t crc32c(BytesView bytes, std::uint32_t seed = 0) noexcept;
/// The same where the processor has no instruction for it; for the test that both agree.
std::uint32_t crc32c_portable(BytesView bytes, std::uint32_t seed = 0) noexcept;

}  // namespace florin
