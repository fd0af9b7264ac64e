#include "hsm/ceremony.h"

#include <algorithm>
#include <functional>

#include "hsm/login.h"
#include "hsm/self_test.h"

namespace florin::hsm {
namespace {

constexpr std::size_t kLabelSize = 32;

// Starts the module, works, and ends it even after a failure, so that the next step finds it free.
template <class T>
Result<T> with_module(const Config& config,
                      const std::function<Result<T>(const std::shared_ptr<Module>&)>& work) {
  FLORIN_TRY(const std::shared_ptr<Module> module,
             Module::load(config.module_path, config.module_sha256));
  FLORIN_TRY_VOID(module->initialise());
  Result<T> outcome = work(module);
  const Result<void> ended = module->shutdown();
  if (outcome.ok() && !ended.ok()) return ended.error();
  return outcome;
}

Result<Token> free_slot(Module& module, const TokenUri& uri) {
  FLORIN_TRY(const std::vector<Token> tokens, list_tokens(module));
  for (const Token& token : tokens) {
    if (token.initialised()) continue;
    if (uri.serial.has_value() && token.info.serial != *uri.serial) continue;
    return token;
  }
  return Error(Errc::hsm_token_missing, "hsm.uri", "There is no free slot for a new token.");
}

Result<Token> make_token(Module& module, const TokenUri& uri, const Secret& so_pin) {
  FLORIN_TRY(const Token slot, free_slot(module, uri));
  FLORIN_TRY_VOID(check_new_pin(slot, so_pin, "so_pin", false));
  Bytes label(kLabelSize, ' ');
  std::copy(uri.token.begin(), uri.token.end(), label.begin());
  Secret pin = so_pin.clone();
  const CK_RV rv = module.call(&CK_FUNCTION_LIST::C_InitToken, slot.slot, pin.writable().data(),
                               CK_ULONG{pin.size()}, label.data());
  if (rv != CKR_OK) return call_error("C_InitToken", rv);
  return find_token(module, uri);
}

Result<void> set_user_pin(const std::shared_ptr<Module>& module, const Token& token,
                          const Secret& so_pin, const Secret& user_pin) {
  if ((token.flags & (CKF_SO_PIN_FINAL_TRY | CKF_SO_PIN_LOCKED)) != 0) {
    return Error(Errc::hsm_pin_incorrect, "so_pin",
                 "The token's SO PIN is locked or has one try left; no login is tried.");
  }
  Session session(module, token.slot);
  FLORIN_TRY_VOID(session.open());
  FLORIN_TRY_VOID(session.login(CKU_SO, so_pin));
  FLORIN_TRY_VOID(session.set_user_pin(user_pin));
  FLORIN_TRY_VOID(session.logout());
  return session.close();
}

Result<TokenInfo> initialise_with(const std::shared_ptr<Module>& module, const TokenUri& uri,
                                  const Secret& so_pin, const Secret& user_pin,
                                  TokenOrigin origin) {
  FLORIN_TRY(std::optional<Token> existing, find_token_if_any(*module, uri));
  if (origin == TokenOrigin::pre_initialised) {
    if (!existing.has_value()) return Error(Errc::hsm_token_missing, "hsm.uri", {});
    if (!existing->user_pin_set()) return Error(Errc::not_initialised, "hsm.uri", {});
    return existing->info;
  }
  if (existing.has_value() && existing->user_pin_set()) {
    return Error(Errc::already_initialised, "hsm.uri", "A token with this label exists already.");
  }
  if (!existing.has_value()) {
    // Before anything is written: a token without a usable user PIN would be left behind.
    FLORIN_TRY(const Token slot, free_slot(*module, uri));
    FLORIN_TRY_VOID(check_new_pin(slot, user_pin, "pin", true));
    FLORIN_TRY(existing, make_token(*module, uri, so_pin));
  }
  FLORIN_TRY_VOID(check_new_pin(*existing, user_pin, "pin", true));
  FLORIN_TRY_VOID(set_user_pin(module, *existing, so_pin, user_pin));
  FLORIN_TRY(const Token done, find_token(*module, uri));
  if (!done.user_pin_set()) return Error(Errc::hsm_failure, {}, {}, "the user PIN was not kept");
  return done.info;
}

Result<std::vector<KeyInfo>> generate_missing(const std::shared_ptr<Module>& module,
                                              const TokenUri& uri, const Secret& pin,
                                              LoginGate& gate, Entropy& entropy) {
  FLORIN_TRY(const Token token, find_token(*module, uri));
  FLORIN_TRY(Session session, open_user_session(module, token, pin, gate));
  bool any_new = false;
  for (const KeySpec& spec : first_key_specs()) {
    FLORIN_TRY(const bool is_new, ensure_key(session, spec, entropy));
    any_new = any_new || is_new;
  }
  if (!any_new) return Error(Errc::already_initialised, {}, "The token holds all keys already.");
  FLORIN_TRY(const KeyTable keys, find_all_keys(session));
  return key_infos(keys);
}

Result<std::vector<KeyInfo>> verify_all(const std::shared_ptr<Module>& module, const TokenUri& uri,
                                        const Secret& pin, LoginGate& gate, Entropy& entropy) {
  FLORIN_TRY(const Token token, find_token(*module, uri));
  FLORIN_TRY(Session session, open_user_session(module, token, pin, gate));
  FLORIN_TRY(KeyTable keys, find_all_keys(session));
  FLORIN_TRY_VOID(self_test(session, keys, entropy));
  return key_infos(keys);
}

}  // namespace

Result<TokenInfo> initialise_token(const Config& config, const Secret& so_pin,
                                   const Secret& user_pin, TokenOrigin origin, LoginGate& gate) {
  FLORIN_TRY_VOID(check_gate(gate));
  FLORIN_TRY(const TokenUri uri, parse_token_uri(config.uri));
  return with_module<TokenInfo>(config, [&](const std::shared_ptr<Module>& module) {
    return initialise_with(module, uri, so_pin, user_pin, origin);
  });
}

Result<std::vector<KeyInfo>> create_keys(const Config& config, const Secret& user_pin,
                                         LoginGate& gate, Entropy& entropy) {
  FLORIN_TRY(const TokenUri uri, parse_token_uri(config.uri));
  using Keys = std::vector<KeyInfo>;
  FLORIN_TRY(const Keys made, with_module<Keys>(config, [&](const std::shared_ptr<Module>& module) {
               return generate_missing(module, uri, user_pin, gate, entropy);
             }));
  // A module that has only cached a key, or a token that did not keep it, shows it after a restart.
  FLORIN_TRY(Keys kept, with_module<Keys>(config, [&](const std::shared_ptr<Module>& module) {
               return verify_all(module, uri, user_pin, gate, entropy);
             }));
  const bool same = std::ranges::equal(made, kept, [](const KeyInfo& a, const KeyInfo& b) {
    return a.label == b.label && a.id == b.id && a.check_value == b.check_value;
  });
  if (!same) return Error(Errc::hsm_failure, {}, {}, "the token did not keep the new keys");
  return kept;
}

}  // namespace florin::hsm
