#include "hsm/key_table.h"

#include <algorithm>

#include "hsm/login.h"

namespace florin::hsm {
namespace {

constexpr std::size_t kKeyIdSize = 16;
// More objects than that on one token is no reason to search for minutes.
constexpr std::size_t kMostObjects = 20'000;

// Labels of foreign objects are read too, so that our keys are known by one search.
Result<std::vector<std::uint32_t>> numbers_on_token(Session& session, CK_OBJECT_CLASS type,
                                                    std::string_view prefix) {
  CK_BBOOL yes = CK_TRUE;
  FLORIN_TRY(
      const std::vector<CK_OBJECT_HANDLE> objects,
      session.find({{CKA_CLASS, &type, sizeof type}, {CKA_TOKEN, &yes, sizeof yes}}, kMostObjects));
  std::vector<std::uint32_t> found;
  for (const CK_OBJECT_HANDLE object : objects) {
    session.forget_failure();
    const Result<Bytes> label = session.attribute(object, CKA_LABEL);
    if (!label.ok()) {
      const FailureClass failure = session.last_failure();
      if (failure == FailureClass::none || failure == FailureClass::caller_bug) continue;
      return label.error();
    }
    if (const auto number = number_of(text_of(*label), prefix)) found.push_back(*number);
  }
  std::ranges::sort(found);
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

Result<KeyOnToken> find_same(Session& session, const KeyOnToken& known) {
  FLORIN_TRY(KeyOnToken found, find_key(session, known.spec));
  if (found.id == known.id && found.check_value == known.check_value) return found;
  return Error(Errc::hsm_key_unfit, known.spec.label,
               "The key " + known.spec.label + " is another one than at the start.");
}

}  // namespace

Result<KeyTable> find_all_keys(Session& session) {
  KeyTable keys;
  FLORIN_TRY(std::vector<std::uint32_t> keks,
             numbers_on_token(session, CKO_SECRET_KEY, kKekPrefix));
  FLORIN_TRY(std::vector<std::uint32_t> audits,
             numbers_on_token(session, CKO_PRIVATE_KEY, kAuditPrefix));
  // Looking for the first one gives the right error.
  if (keks.empty()) keks.push_back(1);
  if (audits.empty()) audits.push_back(1);
  for (const std::uint32_t number : keks) {
    FLORIN_TRY(KeyOnToken key, find_key(session, kek_spec(number)));
    keys.kek.emplace(number, std::move(key));
  }
  for (const std::uint32_t number : audits) {
    FLORIN_TRY(KeyOnToken key, find_key(session, audit_spec(number)));
    keys.audit.emplace(number, std::move(key));
  }
  FLORIN_TRY(keys.probe, find_key(session, probe_spec()));
  return keys;
}

Result<KeyTable> find_same_keys(Session& session, const KeyTable& known) {
  KeyTable keys;
  for (const auto& [number, key] : known.kek) {
    FLORIN_TRY(KeyOnToken found, find_same(session, key));
    keys.kek.emplace(number, std::move(found));
  }
  for (const auto& [number, key] : known.audit) {
    FLORIN_TRY(KeyOnToken found, find_same(session, key));
    keys.audit.emplace(number, std::move(found));
  }
  FLORIN_TRY(keys.probe, find_same(session, known.probe));
  keys.iv_rule = known.iv_rule;
  return keys;
}

Result<bool> ensure_key(Session& session, const KeySpec& spec, Entropy& entropy) {
  const Result<KeyOnToken> existing = find_key(session, spec);
  if (existing.ok()) return false;
  if (existing.error().code() != Errc::hsm_key_missing) return existing.error();
  if (spec.kind == KeyKind::ecdsa_sign) {
    FLORIN_TRY(const std::vector<CK_OBJECT_HANDLE> halves,
               session.find(CKO_PUBLIC_KEY, spec.label));
    FLORIN_TRY(const std::vector<CK_OBJECT_HANDLE> others,
               session.find(CKO_PRIVATE_KEY, spec.label));
    if (!halves.empty() || !others.empty()) {
      return Error(Errc::hsm_key_unfit, spec.label,
                   "Only one half of the key pair is on the token.");
    }
  }
  ByteArray<kKeyIdSize> id{};
  entropy.fill(id);
  FLORIN_TRY_VOID(generate_key(session, spec, id));
  FLORIN_TRY(const KeyOnToken made, find_key(session, spec));
  if (!std::ranges::equal(made.id, id)) {
    return Error(Errc::hsm_key_unfit, spec.label, "The new key has another id.");
  }
  return true;
}

std::vector<KeyInfo> key_infos(const KeyTable& keys) {
  std::vector<KeyInfo> out;
  out.reserve(keys.kek.size() + keys.audit.size() + 1);
  for (const auto& [number, key] : keys.kek) out.push_back(key_info(key));
  for (const auto& [number, key] : keys.audit) out.push_back(key_info(key));
  out.push_back(key_info(keys.probe));
  return out;
}

std::vector<std::uint32_t> numbers(const std::map<std::uint32_t, KeyOnToken>& keys) {
  std::vector<std::uint32_t> out;
  out.reserve(keys.size());
  for (const auto& [number, key] : keys) out.push_back(number);
  return out;
}

}  // namespace florin::hsm
