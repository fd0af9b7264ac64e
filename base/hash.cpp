#include "base/hash.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <array>

#include "base/key_cache.h"

namespace florin {
namespace {

struct MdContextFree {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};
struct MacContextFree {
  void operator()(EVP_MAC_CTX* context) const noexcept { EVP_MAC_CTX_free(context); }
};
struct KdfContextFree {
  void operator()(EVP_KDF_CTX* context) const noexcept { EVP_KDF_CTX_free(context); }
};

// Fetched once: an implicit fetch at each use is what makes one-shot digests slow.
const EVP_MD* sha256_md() {
  static const EVP_MD* const md = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  FLORIN_ASSERT(md != nullptr);
  return md;
}

// A context that knows its digest: naming it at each use would fetch it each time.
EVP_MAC_CTX* new_hmac_context() {
  EVP_MAC* const mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  FLORIN_ASSERT(mac != nullptr);
  EVP_MAC_CTX* const context = EVP_MAC_CTX_new(mac);
  EVP_MAC_free(mac);  // the context keeps it
  FLORIN_ASSERT(context != nullptr);
  char digest[] = "SHA256";
  const std::array<OSSL_PARAM, 2> params = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  FLORIN_ASSERT(EVP_MAC_CTX_set_params(context, params.data()) == 1);
  return context;
}

// One context for each thread; it holds the key of its last use.
class RecentMac final : public KeyCache {
 public:
  RecentMac() { enter(); }
  RecentMac(const RecentMac&) = delete;
  RecentMac& operator=(const RecentMac&) = delete;
  ~RecentMac() { leave(); }
  EVP_MAC_CTX* context() {
    if (context_ == nullptr) context_.reset(new_hmac_context());
    return context_.get();
  }
  std::size_t forget() override {
    const std::size_t count = context_ == nullptr ? 0 : 1;
    context_.reset();
    return count;
  }

 private:
  std::unique_ptr<EVP_MAC_CTX, MacContextFree> context_;
};

EVP_KDF* hkdf_kdf() {
  static EVP_KDF* const kdf = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
  FLORIN_ASSERT(kdf != nullptr);
  return kdf;
}

}  // namespace

Hash32 sha256(std::initializer_list<BytesView> parts) {
  thread_local const std::unique_ptr<EVP_MD_CTX, MdContextFree> context(EVP_MD_CTX_new());
  FLORIN_ASSERT(EVP_DigestInit_ex(context.get(), sha256_md(), nullptr) == 1);
  for (const BytesView part : parts) {
    FLORIN_ASSERT(EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1);
  }
  Hash32 out{};
  unsigned int size = 0;
  FLORIN_ASSERT(EVP_DigestFinal_ex(context.get(), out.data(), &size) == 1 && size == out.size());
  return out;
}

struct Sha256Stream::State {
  std::unique_ptr<EVP_MD_CTX, MdContextFree> context{EVP_MD_CTX_new()};
};

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) {
  FLORIN_ASSERT(EVP_DigestInit_ex(state_->context.get(), sha256_md(), nullptr) == 1);
}

Sha256Stream::~Sha256Stream() = default;

void Sha256Stream::update(BytesView bytes) {
  FLORIN_ASSERT(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) == 1);
}

Hash32 Sha256Stream::finish() {
  Hash32 out{};
  unsigned int size = 0;
  FLORIN_ASSERT(EVP_DigestFinal_ex(state_->context.get(), out.data(), &size) == 1);
  FLORIN_ASSERT(size == out.size());
  return out;
}

Hash32 hmac_sha256(BytesView key, std::initializer_list<BytesView> parts) {
  thread_local RecentMac recent;
  const auto held = recent.hold();
  EVP_MAC_CTX* const context = recent.context();
  // A null key pointer would mean "keep the last key".
  const std::uint8_t none = 0;
  const std::uint8_t* const key_data = key.empty() ? &none : key.data();
  FLORIN_ASSERT(EVP_MAC_init(context, key_data, key.size(), nullptr) == 1);
  for (const BytesView part : parts) {
    FLORIN_ASSERT(EVP_MAC_update(context, part.data(), part.size()) == 1);
  }
  Hash32 out{};
  std::size_t size = 0;
  FLORIN_ASSERT(EVP_MAC_final(context, out.data(), &size, out.size()) == 1);
  FLORIN_ASSERT(size == out.size());
  return out;
}

Secret hkdf_sha256(BytesView key, BytesView salt, BytesView info, std::size_t size) {
  const std::unique_ptr<EVP_KDF_CTX, KdfContextFree> context(EVP_KDF_CTX_new(hkdf_kdf()));
  char digest[] = "SHA256";
  const auto octets = [](const char* name, BytesView bytes) {
    return OSSL_PARAM_construct_octet_string(name, const_cast<std::uint8_t*>(bytes.data()),
                                             bytes.size());  // NOLINT(*const-cast*)
  };
  std::array<OSSL_PARAM, 5> params{};
  std::size_t count = 0;
  params[count++] = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0);
  params[count++] = octets(OSSL_KDF_PARAM_KEY, key);
  if (!salt.empty()) params[count++] = octets(OSSL_KDF_PARAM_SALT, salt);
  if (!info.empty()) params[count++] = octets(OSSL_KDF_PARAM_INFO, info);
  params[count] = OSSL_PARAM_construct_end();
  Secret out(size);
  FLORIN_ASSERT(EVP_KDF_derive(context.get(), out.writable().data(), size, params.data()) == 1);
  return out;
}

}  // namespace florin
