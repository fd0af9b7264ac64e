#pragma once
/// Private to this room: all keys of ours on a token, by purpose and number.
#include <map>

#include "base/entropy.h"
#include "hsm/hsm.h"
#include "hsm/keys.h"

namespace florin::hsm {

struct KeyTable {
  std::map<std::uint32_t, KeyOnToken> kek;
  std::map<std::uint32_t, KeyOnToken> audit;
  KeyOnToken probe;
  /// How the token does AES-GCM, as the self-test of the first start has proven with `probe`.
  IvRule iv_rule = IvRule::unknown;
};

/// Finds every "kek/N" and "aud/N", and the probe key, and checks them all. Errors: as find_key;
/// `hsm_key_missing` names kek/1 or aud/1 when there is none of its kind.
Result<KeyTable> find_all_keys(Session& session);
/// Finds the keys of `known` again, and no others. Errors: as find_key; `hsm_key_unfit` when a key
/// has another id or check value than in `known`.
Result<KeyTable> find_same_keys(Session& session, const KeyTable& known);
/// One key that is there, or a new one, checked either way. Tells whether it is new.
Result<bool> ensure_key(Session& session, const KeySpec& spec, Entropy& entropy);
/// kek, audit, probe, each ascending.
std::vector<KeyInfo> key_infos(const KeyTable& keys);
std::vector<std::uint32_t> numbers(const std::map<std::uint32_t, KeyOnToken>& keys);

}  // namespace florin::hsm
