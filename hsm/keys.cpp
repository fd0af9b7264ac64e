#include "hsm/keys.h"

#include <algorithm>
#include <cstring>

#include "base/hash.h"
#include "hsm/encoding.h"

namespace florin::hsm {
namespace {

struct Expectation {
  CK_ATTRIBUTE_TYPE type;
  bool wanted;
  const char* name;
};

// What a secret or private key must be, whatever it is for.
constexpr Expectation kAnyKey[] = {
    {CKA_TOKEN, true, "token"},
    {CKA_PRIVATE, true, "private"},
    {CKA_SENSITIVE, true, "sensitive"},
    {CKA_ALWAYS_SENSITIVE, true, "always-sensitive"},
    {CKA_EXTRACTABLE, false, "extractable"},
    {CKA_NEVER_EXTRACTABLE, true, "never-extractable"},
    {CKA_LOCAL, true, "local"},
    {CKA_MODIFIABLE, false, "modifiable"},
};
constexpr Expectation kWrappingKey[] = {
    {CKA_ENCRYPT, true, "encrypt"}, {CKA_DECRYPT, true, "decrypt"}, {CKA_WRAP, false, "wrap"},
    {CKA_UNWRAP, false, "unwrap"},  {CKA_SIGN, false, "sign"},      {CKA_VERIFY, false, "verify"},
    {CKA_DERIVE, false, "derive"},
};
constexpr Expectation kSigningKey[] = {
    {CKA_SIGN, true, "sign"},      {CKA_DECRYPT, false, "decrypt"},
    {CKA_UNWRAP, false, "unwrap"}, {CKA_SIGN_RECOVER, false, "sign-recover"},
    {CKA_DERIVE, false, "derive"},
};

Error unfit(const KeySpec& spec, std::string reason) {
  return Error(Errc::hsm_key_unfit, spec.label,
               "The key " + spec.label + " cannot be used: " + std::move(reason) + ".");
}

Result<unsigned long> number(Session& session, CK_OBJECT_HANDLE key, CK_ATTRIBUTE_TYPE type) {
  FLORIN_TRY(const Bytes bytes, session.attribute(key, type));
  unsigned long out = 0;
  if (bytes.size() != sizeof out) return Error(Errc::hsm_failure, {}, {}, "attribute size");
  std::memcpy(&out, bytes.data(), sizeof out);
  return out;
}

Result<void> check_flags(Session& session, const KeySpec& spec, CK_OBJECT_HANDLE key,
                         std::span<const Expectation> expectations) {
  for (const Expectation& expected : expectations) {
    const Result<Bytes> value = session.attribute(key, expected.type);
    if (!value.ok()) {
      if (session.last_failure() != FailureClass::caller_bug) return value.error();
      return unfit(spec, std::string("the property ") + expected.name + " cannot be read");
    }
    const bool is_set = value->size() == sizeof(CK_BBOOL) && (*value)[0] != CK_FALSE;
    if (value->size() != sizeof(CK_BBOOL) || is_set != expected.wanted) {
      return unfit(spec, std::string("the property ") + expected.name + " must be " +
                             (expected.wanted ? "true" : "false"));
    }
  }
  return {};
}

Result<void> check_mechanism(Session& session, const KeySpec& spec, CK_OBJECT_HANDLE key) {
  const CK_MECHANISM_TYPE wanted = spec.kind == KeyKind::aes_wrap ? CKM_AES_GCM : CKM_ECDSA;
  const Result<unsigned long> allowed = number(session, key, CKA_ALLOWED_MECHANISMS);
  if (!allowed.ok() || *allowed != wanted) return unfit(spec, "more than one mechanism is allowed");
  return {};
}

Result<void> check_secret_key(Session& session, const KeySpec& spec, CK_OBJECT_HANDLE key) {
  FLORIN_TRY(const unsigned long type, number(session, key, CKA_KEY_TYPE));
  if (type != CKK_AES) return unfit(spec, "it is not an AES key");
  FLORIN_TRY(const unsigned long size, number(session, key, CKA_VALUE_LEN));
  if (size != 32) return unfit(spec, "it is not 256 bits long");
  FLORIN_TRY_VOID(check_flags(session, spec, key, kAnyKey));
  FLORIN_TRY_VOID(check_flags(session, spec, key, kWrappingKey));
  return check_mechanism(session, spec, key);
}

Result<void> check_private_key(Session& session, const KeySpec& spec, CK_OBJECT_HANDLE key) {
  FLORIN_TRY(const unsigned long type, number(session, key, CKA_KEY_TYPE));
  if (type != CKK_EC) return unfit(spec, "it is not an elliptic curve key");
  FLORIN_TRY(const Bytes curve, session.attribute(key, CKA_EC_PARAMS));
  if (!std::ranges::equal(curve, ec_params_p256())) return unfit(spec, "it is not on P-256");
  FLORIN_TRY_VOID(check_flags(session, spec, key, kAnyKey));
  FLORIN_TRY_VOID(check_flags(session, spec, key, kSigningKey));
  return check_mechanism(session, spec, key);
}

Result<CK_OBJECT_HANDLE> find_one(Session& session, const KeySpec& spec, CK_OBJECT_CLASS type) {
  FLORIN_TRY(const std::vector<CK_OBJECT_HANDLE> found, session.find(type, spec.label));
  const std::string label(spec.label);
  if (found.empty()) {
    return Error(Errc::hsm_key_missing, label, "The key " + label + " is not on the token.");
  }
  if (found.size() > 1) {
    return Error(Errc::hsm_key_duplicate, label,
                 "The token holds more than one key " + label + ".");
  }
  return found.front();
}

Result<Bytes> public_key_of(Session& session, const KeySpec& spec, BytesView id) {
  FLORIN_TRY(const CK_OBJECT_HANDLE key, find_one(session, spec, CKO_PUBLIC_KEY));
  FLORIN_TRY(const Bytes public_id, session.attribute(key, CKA_ID));
  if (!std::ranges::equal(public_id, id)) return unfit(spec, "the halves have different ids");
  FLORIN_TRY(const Bytes encoded, session.attribute(key, CKA_EC_POINT));
  FLORIN_TRY(const Bytes point, decode_ec_point(encoded));
  return public_key_info_p256(point);
}

// Attribute values must outlive the call, so they live here together.
struct Values {
  CK_BBOOL yes = CK_TRUE;
  CK_BBOOL no = CK_FALSE;
  CK_KEY_TYPE aes = CKK_AES;
  CK_KEY_TYPE ec = CKK_EC;
  CK_ULONG size = 32;
  CK_MECHANISM_TYPE gcm = CKM_AES_GCM;
  CK_MECHANISM_TYPE ecdsa = CKM_ECDSA;
  std::string label;
  Bytes id;
  Bytes curve = to_bytes(ec_params_p256());

  CK_ATTRIBUTE flag(CK_ATTRIBUTE_TYPE type, bool value) {
    return {type, value ? &yes : &no, sizeof(CK_BBOOL)};
  }
  CK_ATTRIBUTE label_attribute() { return {CKA_LABEL, label.data(), label.size()}; }
  CK_ATTRIBUTE id_attribute() { return {CKA_ID, id.data(), id.size()}; }

  std::vector<CK_ATTRIBUTE> of_key(std::span<const Expectation> usage) {
    std::vector<CK_ATTRIBUTE> out = {label_attribute(),          id_attribute(),
                                     flag(CKA_TOKEN, true),      flag(CKA_PRIVATE, true),
                                     flag(CKA_SENSITIVE, true),  flag(CKA_EXTRACTABLE, false),
                                     flag(CKA_MODIFIABLE, false)};
    for (const Expectation& use : usage) out.push_back(flag(use.type, use.wanted));
    return out;
  }
};

}  // namespace

KeySpec kek_spec(std::uint32_t number) {
  return {std::string(kKekPrefix) + std::to_string(number), KeyKind::aes_wrap, number};
}

KeySpec audit_spec(std::uint32_t number) {
  return {std::string(kAuditPrefix) + std::to_string(number), KeyKind::ecdsa_sign, number};
}

KeySpec probe_spec() {
  return {"probe", KeyKind::aes_wrap, 0};
}

std::vector<KeySpec> first_key_specs() {
  return {kek_spec(1), audit_spec(1), probe_spec()};
}

std::optional<std::uint32_t> number_of(std::string_view label, std::string_view prefix) noexcept {
  if (!label.starts_with(prefix)) return std::nullopt;
  label.remove_prefix(prefix.size());
  if (label.empty() || label.size() > 9 || label.front() == '0') return std::nullopt;
  std::uint32_t number = 0;
  for (const char digit : label) {
    if (digit < '0' || digit > '9') return std::nullopt;
    number = number * 10 + static_cast<std::uint32_t>(digit - '0');
  }
  return number;
}

Result<std::string> check_value_now(Session& session, CK_OBJECT_HANDLE secret_key) {
  session.forget_failure();
  const Result<Bytes> value = session.attribute(secret_key, CKA_CHECK_VALUE);
  if (value.ok()) return to_hex(*value);
  // Taken for "none", any other failure would hide another key for as long as this process runs.
  const FailureClass failure = session.last_failure();
  if (failure != FailureClass::none && failure != FailureClass::caller_bug) return value.error();
  session.forget_failure();
  return std::string();
}

Result<KeyOnToken> find_key(Session& session, const KeySpec& spec) {
  const bool secret = spec.kind == KeyKind::aes_wrap;
  KeyOnToken key;
  key.spec = spec;
  FLORIN_TRY(const CK_OBJECT_HANDLE object,
             find_one(session, spec, secret ? CKO_SECRET_KEY : CKO_PRIVATE_KEY));
  key.handle = session.tagged(object);
  FLORIN_TRY_VOID(secret ? check_secret_key(session, spec, object)
                         : check_private_key(session, spec, object));
  FLORIN_TRY(key.id, session.attribute(object, CKA_ID));
  if (key.id.empty()) return unfit(spec, "it has no id");
  if (secret) {
    FLORIN_TRY(key.check_value, check_value_now(session, object));
    return key;
  }
  FLORIN_TRY(key.public_key_der, public_key_of(session, spec, key.id));
  key.check_value = to_hex(BytesView(sha256(key.public_key_der)).first(3));
  return key;
}

Result<void> generate_key(Session& session, const KeySpec& spec, BytesView id) {
  Values values;
  values.label = spec.label;
  values.id = to_bytes(id);
  if (spec.kind == KeyKind::aes_wrap) {
    std::vector<CK_ATTRIBUTE> attributes = values.of_key(kWrappingKey);
    attributes.push_back({CKA_KEY_TYPE, &values.aes, sizeof values.aes});
    attributes.push_back({CKA_VALUE_LEN, &values.size, sizeof values.size});
    attributes.push_back({CKA_ALLOWED_MECHANISMS, &values.gcm, sizeof values.gcm});
    FLORIN_TRY_VOID(session.generate_key(CKM_AES_KEY_GEN, std::move(attributes)));
    return {};
  }
  std::vector<CK_ATTRIBUTE> private_half = values.of_key(kSigningKey);
  private_half.push_back({CKA_KEY_TYPE, &values.ec, sizeof values.ec});
  private_half.push_back({CKA_ALLOWED_MECHANISMS, &values.ecdsa, sizeof values.ecdsa});
  std::vector<CK_ATTRIBUTE> public_half = {
      values.label_attribute(),
      values.id_attribute(),
      values.flag(CKA_TOKEN, true),
      values.flag(CKA_PRIVATE, false),
      values.flag(CKA_MODIFIABLE, false),
      values.flag(CKA_VERIFY, true),
      {CKA_KEY_TYPE, &values.ec, sizeof values.ec},
      {CKA_EC_PARAMS, values.curve.data(), values.curve.size()},
  };
  return session.generate_key_pair(CKM_EC_KEY_PAIR_GEN, std::move(public_half),
                                   std::move(private_half));
}

}  // namespace florin::hsm
