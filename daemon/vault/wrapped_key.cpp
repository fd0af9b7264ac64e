#include "daemon/vault/wrapped_key.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace florin::vault {
namespace {

constexpr std::string_view kMagic = "WK1";
constexpr std::uint8_t kSuiteAes256Gcm = 1;
constexpr std::size_t kIvSize = 12;
constexpr std::size_t kTagSize = 16;
constexpr std::size_t kLongestKey = 64;

Error malformed(const char* what) {
  return Error(Errc::key_unwrap_failed, {}, {}, what);
}

struct PurposeText {
  Purpose purpose;
  std::string_view text;
};
constexpr std::array kPurposes = {PurposeText{Purpose::general, "gen"},
                                  PurposeText{Purpose::card, "pan"},
                                  PurposeText{Purpose::index, "idx"},
                                  PurposeText{Purpose::canary, "canary"},
                                  PurposeText{Purpose::subjects_test, "subjects-test"},
                                  PurposeText{Purpose::subjects_live, "subjects-live"}};

std::string_view purpose_text(Purpose purpose) noexcept {
  const auto* const found =
      std::find_if(kPurposes.begin(), kPurposes.end(),
                   [purpose](const PurposeText& known) { return known.purpose == purpose; });
  return found == kPurposes.end() ? std::string_view() : found->text;
}

}  // namespace

std::string RootName::text() const {
  const std::string owner = tenant.has_value() ? "t/" + tenant->text() : "sys";
  return owner + "/" + std::string(purpose_text(purpose)) + "/" + std::to_string(version);
}

Result<RootName> parse_root_name(std::string_view text) {
  const Error malformed(Errc::malformed_value, {}, "not the name of a root key");
  const std::size_t version_at = text.rfind('/');
  if (version_at == std::string_view::npos || version_at == 0) return malformed;
  const std::size_t purpose_at = text.rfind('/', version_at - 1);
  if (purpose_at == std::string_view::npos) return malformed;
  RootName name;
  const std::string digits(text.substr(version_at + 1));
  const char* const end = digits.data() + digits.size();
  if (std::from_chars(digits.data(), end, name.version).ptr != end) return malformed;
  const std::string_view purpose = text.substr(purpose_at + 1, version_at - purpose_at - 1);
  const auto* const known =
      std::find_if(kPurposes.begin(), kPurposes.end(),
                   [purpose](const PurposeText& row) { return row.text == purpose; });
  if (known == kPurposes.end()) return malformed;
  name.purpose = known->purpose;
  constexpr std::string_view prefix = "t/";
  if (const std::string_view owner = text.substr(0, purpose_at); owner.starts_with(prefix)) {
    FLORIN_TRY(name.tenant, TenantId::parse(owner.substr(prefix.size())));
  }
  // One name has one spelling.
  if (name.version == 0 || name.text() != text) return malformed;
  return name;
}

Bytes wrapped_key_aad(const WrappedKey& key) {
  ByteWriter out;
  out.raw(view_of(kMagic));
  out.u8(kSuiteAes256Gcm);
  out.u32(key.kek_number);
  out.raw(key.key_id);
  out.u8(static_cast<std::uint8_t>(key.name.purpose));
  out.raw(key.name.tenant.has_value() ? key.name.tenant->value.view() : Uuid{}.view());
  out.u32(key.name.version);
  out.u64(key.created_ns);
  return std::move(out).take();
}

Bytes encode_wrapped_key(const WrappedKey& key) {
  FLORIN_ASSERT(key.sealed.size() > kIvSize + kTagSize &&
                key.sealed.size() <= kIvSize + kLongestKey + kTagSize);
  const BytesView sealed = key.sealed;
  ByteWriter out;
  out.raw(wrapped_key_aad(key));
  out.u8(kIvSize);
  out.raw(sealed.first(kIvSize));
  out.u16(static_cast<std::uint16_t>(sealed.size() - kIvSize));
  out.raw(sealed.subspan(kIvSize));
  return std::move(out).take();
}

Result<WrappedKey> decode_wrapped_key(BytesView blob) {
  ByteReader in(blob);
  if (text_of(in.raw(kMagic.size())) != kMagic) return malformed("not a wrapped key");
  if (in.u8() != kSuiteAes256Gcm) return malformed("unknown suite of a wrapped key");
  WrappedKey key;
  key.kek_number = in.u32();
  key.key_id = in.array<16>();
  const std::uint8_t purpose = in.u8();
  const Uuid tenant{in.array<16>()};
  key.name.version = in.u32();
  key.created_ns = in.u64();
  const std::size_t iv_size = in.u8();
  if (!in.ok() || iv_size != kIvSize) return malformed("wrapped key with a wrong IV");
  const BytesView iv = in.raw(iv_size);
  const std::size_t size = in.u16();
  if (!in.ok() || size <= kTagSize || size > kLongestKey + kTagSize) {
    return malformed("wrapped key with a wrong length");
  }
  const BytesView ciphertext = in.raw(size);
  if (!in.done()) return malformed("wrapped key cut short or too long");
  if (purpose_text(static_cast<Purpose>(purpose)).empty() ||
      is_pool(static_cast<Purpose>(purpose))) {
    return malformed("unknown purpose of a wrapped key");
  }
  if (key.kek_number == 0 || key.name.version == 0) return malformed("wrapped key without version");
  key.name.purpose = static_cast<Purpose>(purpose);
  if (!tenant.is_nil()) key.name.tenant = TenantId{tenant};
  key.sealed = to_bytes(iv);
  key.sealed.insert(key.sealed.end(), ciphertext.begin(), ciphertext.end());
  return key;
}

}  // namespace florin::vault
