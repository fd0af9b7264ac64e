// The orders about keys as two people see them: what exactly, with which consequence.
#include <fmt/format.h>

#include "daemon/control/key_service.h"

namespace florin::control {
namespace {

using domain::Role;
using Keys = std::function<KeyService*()>;
using Parameters = json::object;

Result<KeyService*> service(const Keys& keys) {
  KeyService* const found = keys();
  if (found == nullptr) return Error(Errc::not_initialised, {}, "the appliance does not serve yet");
  return found;
}

Error in_parameter(const Error& error, std::string_view name) {
  return Error(error.code(), fmt::format("/parameters/{}", name), error.message(), error.detail());
}

// Exactly these texts, each once.
Result<std::vector<std::string>> texts_of(const Parameters& parameters,
                                          const std::vector<std::string_view>& names) {
  std::vector<std::string> out;
  for (const std::string_view name : names) {
    const auto* const found = parameters.if_contains(name);
    const std::string field = fmt::format("/parameters/{}", name);
    if (found == nullptr) return Error(Errc::field_missing, field, "is required");
    if (!found->is_string()) return Error(Errc::field_type, field, "expected a text");
    out.emplace_back(found->as_string());
  }
  for (const auto& member : parameters) {
    const std::string name(member.key());
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      return Error(Errc::field_unknown, "/parameters/" + name, "is not known here");
    }
  }
  return out;
}

Result<Proposal> propose_rotate(const Keys& keys, const Parameters& parameters) {
  FLORIN_TRY(KeyService* const found, service(keys));
  FLORIN_TRY(const std::vector<std::string> texts, texts_of(parameters, {"key"}));
  auto key = found->canonical_key(texts[0]);
  if (!key.ok()) return in_parameter(key.error(), "key");
  Proposal out{.parameters = {{"key", *key}}, .consequence = {}, .confirmation = {}};
  out.consequence =
      *key == "kek"
          ? "A further key-encryption key is made in the security module and wraps every new key. "
            "The module is busy for some seconds. Keys that older ones wrap stay there until they "
            "are wrapped anew."
          : fmt::format(
                "A new version of {} seals everything from now on. Secrets of records are "
                "sealed anew; what is in the books stays under its version for ever.",
                *key);
  return out;
}

Result<Proposal> propose_rewrap(const Keys& keys, const Parameters& parameters) {
  FLORIN_TRY(KeyService* const found, service(keys));
  FLORIN_TRY_VOID(texts_of(parameters, {}));
  const std::size_t left = found->keyring().left_to_rewrap();
  if (left == 0) {
    return Error(Errc::state_conflict, {}, "every key is wrapped by the key-encryption key in use");
  }
  return Proposal{.parameters = {},
                  .consequence = fmt::format("{} keys are wrapped anew under kek/{}. Key bundles "
                                             "of before need the old key-encryption key.",
                                             left, found->keyring().kek()),
                  .confirmation = {}};
}

Result<Proposal> propose_revoke(const Keys& keys, const Parameters& parameters) {
  FLORIN_TRY(KeyService* const found, service(keys));
  FLORIN_TRY(const std::vector<std::string> texts, texts_of(parameters, {"key", "state"}));
  auto root = found->find(texts[0]);
  if (!root.ok()) return in_parameter(root.error(), "key");
  const auto state = vault::parse_key_state(texts[1]);
  const bool known = state.ok() && (*state == vault::KeyState::disabled ||
                                    *state == vault::KeyState::decrypt_only ||
                                    *state == vault::KeyState::destroyed);
  if (!known) {
    return Error(Errc::malformed_value, "/parameters/state",
                 "expected disabled, decrypt-only or destroyed");
  }
  FLORIN_TRY_VOID(found->check_revocation(root->name, *state));
  Proposal out{.parameters = {{"key", texts[0]}, {"state", texts[1]}},
               .consequence = fmt::format("{} becomes {}.", texts[0], texts[1]),
               .confirmation = {}};
  if (*state == vault::KeyState::destroyed) {
    out.consequence = fmt::format(
        "{} is destroyed for ever: whatever it alone opens, in old backups too, becomes noise.",
        texts[0]);
    out.confirmation = texts[0];
  }
  return out;
}

Result<Proposal> propose_shred(const Keys& keys, const Parameters& parameters) {
  FLORIN_TRY(KeyService* const found, service(keys));
  FLORIN_TRY(const std::vector<std::string> texts, texts_of(parameters, {"tenant"}));
  const auto tenant = found->appliance().tenant(texts[0]);
  if (!tenant.ok()) return in_parameter(tenant.error(), "tenant");
  return Proposal{
      .parameters = {{"tenant", tenant->id.text()}},
      .consequence = fmt::format(
          "All keys of the tenant {} ({}) are destroyed and its ledgers are closed. Every payment, "
          "secret and statement of it becomes unreadable for ever, here and in every backup that "
          "is restored with a later key bundle.",
          tenant->name, tenant->display),
      .confirmation = tenant->name};
}

Result<Proposal> propose_shred_subject(const Keys& keys, const Parameters& parameters) {
  FLORIN_TRY(KeyService* const found, service(keys));
  FLORIN_TRY(const std::vector<std::string> texts,
             texts_of(parameters, {"tenant", "mode", "subject"}));
  const auto ledger = found->subject_ledger(texts[0], texts[1]);
  if (!ledger.ok()) return in_parameter(ledger.error(), ledger.error().field());
  const auto subject = domain::SubjectId::parse(texts[2]);
  if (!subject.ok()) return in_parameter(subject.error(), "subject");
  FLORIN_TRY_VOID(found->check_erasable(*ledger, *subject));
  FLORIN_TRY(const domain::Tenant tenant, found->appliance().tenant(texts[0]));
  return Proposal{
      .parameters = {{"tenant", ledger->tenant.text()},
                     {"mode", texts[1]},
                     {"subject", subject->text()}},
      .consequence = fmt::format(
          "The key of the customer {} is destroyed. Descriptions, metadata, payment tokens and the "
          "merchant's reference of all his payments become unreadable for ever, in answers, "
          "events, "
          "statements and backups; amounts and proofs stay. Key bundles of before are refused from "
          "then on; a new one is written where a backup directory is configured.",
          subject->text()),
      .confirmation = tenant.name};
}

Result<Proposal> propose_export(const Keys& keys, const Parameters& parameters) {
  FLORIN_TRY_VOID(service(keys));
  FLORIN_TRY_VOID(texts_of(parameters, {}));
  return Proposal{.parameters = {},
                  .consequence =
                      "A file with all wrapped keys is written. It is of use only with "
                      "the security module; keep it apart from backups of data.",
                  .confirmation = {}};
}

// Keys are the custodians' alone.
Operation operation(std::string name) {
  Operation out;
  out.name = std::move(name);
  out.requesters = domain::roles(Role::custodian);
  out.approvers = domain::roles(Role::custodian);
  return out;
}

std::string text_at(const Parameters& parameters, std::string_view name) {
  return std::string(parameters.at(name).as_string());
}

Operation rotate_operation(const Keys& keys) {
  Operation out = operation("key.rotate");
  out.propose = [keys](const Parameters& parameters) { return propose_rotate(keys, parameters); };
  out.execute = [keys](const Parameters& parameters,
                       const ApprovedRequest& request) -> Result<json::object> {
    FLORIN_TRY(KeyService* const found, service(keys));
    return found->rotate(text_at(parameters, "key"), request);
  };
  return out;
}

Operation rewrap_operation(const Keys& keys) {
  Operation out = operation("key.rewrap");
  out.propose = [keys](const Parameters& parameters) { return propose_rewrap(keys, parameters); };
  out.execute = [keys](const Parameters& /*parameters*/,
                       const ApprovedRequest& request) -> Result<json::object> {
    FLORIN_TRY(KeyService* const found, service(keys));
    return found->rewrap(request);
  };
  return out;
}

Operation revoke_operation(const Keys& keys) {
  Operation out = operation("key.revoke");
  out.propose = [keys](const Parameters& parameters) { return propose_revoke(keys, parameters); };
  out.execute = [keys](const Parameters& parameters,
                       const ApprovedRequest& request) -> Result<json::object> {
    FLORIN_TRY(KeyService* const found, service(keys));
    return found->revoke(text_at(parameters, "key"), text_at(parameters, "state"), request);
  };
  return out;
}

Operation shred_operation(const Keys& keys) {
  Operation out = operation("key.shred-tenant");
  out.propose = [keys](const Parameters& parameters) { return propose_shred(keys, parameters); };
  out.execute = [keys](const Parameters& parameters,
                       const ApprovedRequest& request) -> Result<json::object> {
    FLORIN_TRY(KeyService* const found, service(keys));
    FLORIN_TRY(const TenantId tenant, TenantId::parse(text_at(parameters, "tenant")));
    return found->shred_tenant(tenant, request);
  };
  return out;
}

Operation shred_subject_operation(const Keys& keys) {
  Operation out = operation("key.shred-subject");
  out.propose = [keys](const Parameters& parameters) {
    return propose_shred_subject(keys, parameters);
  };
  out.execute = [keys](const Parameters& parameters,
                       const ApprovedRequest& request) -> Result<json::object> {
    FLORIN_TRY(KeyService* const found, service(keys));
    FLORIN_TRY(const ledger::TenantLedger ledger,
               found->subject_ledger(text_at(parameters, "tenant"), text_at(parameters, "mode")));
    FLORIN_TRY(const domain::SubjectId subject,
               domain::SubjectId::parse(text_at(parameters, "subject")));
    return found->shred_subject(ledger, subject, request);
  };
  return out;
}

Operation export_operation(const Keys& keys) {
  Operation out = operation("key.bundle-export");
  out.propose = [keys](const Parameters& parameters) { return propose_export(keys, parameters); };
  out.execute = [keys](const Parameters& /*parameters*/,
                       const ApprovedRequest& request) -> Result<json::object> {
    FLORIN_TRY(KeyService* const found, service(keys));
    return found->export_bundle(request);
  };
  return out;
}

}  // namespace

std::vector<Operation> key_operations(const std::function<KeyService*()>& keys) {
  return {rotate_operation(keys), rewrap_operation(keys),        revoke_operation(keys),
          shred_operation(keys),  shred_subject_operation(keys), export_operation(keys)};
}

}  // namespace florin::control
