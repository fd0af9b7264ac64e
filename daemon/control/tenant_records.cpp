// What operators keep in a tenant's ledger.
#include <algorithm>

#include "base/log.h"
#include "daemon/connectors/codec.h"
#include "daemon/control/appliance.h"
#include "daemon/control/name_key.h"
#include "daemon/control/record_store.h"
#include "daemon/control/subject_records.h"
#include "daemon/domain/index_keys.h"
#include "daemon/vault/sealed_secret.h"

namespace florin::control {
namespace {

constexpr std::size_t kSecretSize = 48;
constexpr std::size_t kPageLimit = 10'000;

Error name_taken(Error error) {
  if (error.code() != Errc::unique_violation) return error;
  return Error(Errc::unique_violation, "/name", "this name is in use");
}

Result<Bytes> seal(const ledger::TenantLedger& ledger, std::string_view label,
                   std::string_view table, const std::string& id, const Secret& secret,
                   Entropy& entropy) {
  return vault::seal_secret(*ledger.keys, label,
                            vault::secret_place(ledger.tenant.text(), table, id, "secret"),
                            secret.view(), entropy);
}

// What the order leaves open is as the kind usually has it.
Result<std::optional<domain::AuthorizationTime>> times_of(const connectors::CapabilitySheet& sheet,
                                                          const AuthorizationOrder& order) {
  if (!order.validity_s && !order.margin_s) return std::optional<domain::AuthorizationTime>();
  domain::AuthorizationTime out = sheet.authorization;
  if (order.validity_s) {
    out.validity_s = *order.validity_s;
    out.margin_s = std::min(out.margin_s, out.validity_s / 8);
  }
  out.margin_s = order.margin_s.value_or(out.margin_s);
  FLORIN_TRY_VOID(domain::check_authorization_time(out));
  return std::optional(out);
}

Secret new_secret(Entropy& entropy) {
  Secret secret(kSecretSize);
  entropy.fill(secret.writable());
  return secret;
}

template <class T, class Decode>
Result<std::vector<T>> owned_records(const ledger::Ledger& books, domain::Index index,
                                     domain::Kind kind, const Uuid& owner, Decode decode) {
  FLORIN_TRY(ledger::IndexPage page, books.index(static_cast<ledger::IndexNumber>(index),
                                                 owner.view(), std::nullopt, kPageLimit, false));
  std::vector<T> out;
  for (const auto& found : page.rows) {
    FLORIN_TRY(std::optional<ledger::ObjectRow> row,
               books.object(static_cast<ledger::ObjectKind>(kind), found.id));
    if (!row) return Error(Errc::ledger_mismatch, {}, {}, "an index row without its object");
    FLORIN_TRY(T record, decode(row->id, row->immutable, row->head));
    out.push_back(std::move(record));
  }
  return out;
}

// Who sends and who is told is the merchant: a branch is named by each payment.
Result<void> check_is_no_branch(const ledger::TenantLedger& ledger, const MerchantId& merchant,
                                std::string_view what) {
  FLORIN_TRY(const std::optional<ledger::ObjectRow> row,
             ledger.books->object(static_cast<ledger::ObjectKind>(domain::Kind::merchant),
                                  merchant.value));
  if (!row) return Error(Errc::not_found, "merchant", "there is no such merchant");
  FLORIN_TRY(const domain::Merchant record,
             domain::decode_merchant(row->id, row->immutable, row->head));
  if (!record.is_branch()) return {};
  return Error(Errc::state_conflict, "merchant",
               "this is a branch; it uses its merchant's " + std::string(what));
}

}  // namespace

Result<domain::Merchant> Appliance::create_merchant(const ledger::TenantLedger& ledger,
                                                    const std::string& name,
                                                    const std::string& display, Person person,
                                                    domain::LateSuccess late_success,
                                                    bool unique_references) {
  domain::Merchant merchant{.id = {new_uuid(clock_, entropy_)},
                            .name = name,
                            .display = display,
                            .created_at = clock_.now(),
                            .late_success = late_success,
                            .unique_references = unique_references};
  FLORIN_TRY_VOID(write_merchant(ledger, merchant, "merchant created", person));
  // Before a payment of his can name a customer. Without the module the first such payment makes
  // the keyring try again.
  if (auto made = keyring_.supply_subjects(subject_books_of(ledger)); !made.ok()) {
    log_error("key.subject_pool_not_made", made.error(), {{"tenant", ledger.tenant.text()}});
  }
  return merchant;
}

Result<domain::Merchant> Appliance::create_branch(const ledger::TenantLedger& ledger,
                                                  const domain::Merchant& parent,
                                                  const std::string& name,
                                                  const std::string& display, Person person) {
  if (parent.is_branch()) {
    return Error(Errc::state_conflict, "/parent",
                 "this merchant is a branch itself; branches are one level deep");
  }
  if (!parent.active) return Error(Errc::state_conflict, "/parent", "this merchant is not active");
  const std::lock_guard lock(branch_mutex_);
  FLORIN_TRY(const std::vector<domain::Merchant> known, branches(ledger, parent.id));
  if (known.size() >= domain::kMaxBranches) {
    return Error(Errc::state_conflict, "/parent",
                 "a merchant has at most " + std::to_string(domain::kMaxBranches) + " branches");
  }
  const domain::Merchant branch{.id = {new_uuid(clock_, entropy_)},
                                .name = name,
                                .display = display,
                                .created_at = clock_.now(),
                                .parent = parent.id};
  FLORIN_TRY_VOID(write_merchant(ledger, branch, "branch created", person));
  return branch;
}

Result<void> Appliance::write_merchant(const ledger::TenantLedger& ledger,
                                       const domain::Merchant& merchant, const std::string& note,
                                       Person person) {
  FLORIN_TRY(const Key16 key, name_key(*ledger.keys, ledger.mode, merchant.name));
  auto written = append_record(*ledger.books,
                               {.kind = domain::Kind::merchant,
                                .id = merchant.id.value,
                                .stored = domain::encode(merchant),
                                .note = note,
                                .uid = person.uid,
                                .unique = {{domain::Unique::merchant_name, key}}},
                               clock_, entropy_);
  if (!written.ok()) return name_taken(std::move(written).error());
  return {};
}

Result<domain::Merchant> Appliance::merchant(const ledger::TenantLedger& ledger,
                                             std::string_view name_or_id) const {
  std::optional<Uuid> id;
  if (const auto parsed = MerchantId::parse(name_or_id); parsed.ok()) {
    id = parsed->value;
  } else {
    FLORIN_TRY(Key16 key, name_key(*ledger.keys, ledger.mode, name_or_id));
    FLORIN_TRY(
        std::optional<ledger::UniqueRow> row,
        ledger.books->unique(static_cast<ledger::UniqueTable>(domain::Unique::merchant_name), key));
    if (row && row->value.size() == 16) id = Uuid::from(row->value);
  }
  const Error missing(Errc::not_found, "merchant", "there is no such merchant");
  if (!id) return missing;
  FLORIN_TRY(std::optional<ledger::ObjectRow> row,
             ledger.books->object(static_cast<ledger::ObjectKind>(domain::Kind::merchant), *id));
  if (!row) return missing;
  return domain::decode_merchant(row->id, row->immutable, row->head);
}

Result<NewCredential> Appliance::create_credential(const ledger::TenantLedger& ledger,
                                                   const MerchantId& merchant,
                                                   const CredentialOrder& order, Person person) {
  FLORIN_TRY_VOID(check_is_no_branch(ledger, merchant, "credentials"));
  if (!order.signs && order.certificate.empty()) {
    return Error(Errc::field_missing, "/client_certificate", "nothing else would be the proof");
  }
  NewCredential made{.credential = {.id = {new_uuid(clock_, entropy_)},
                                    .merchant = merchant,
                                    .label = order.label,
                                    .created_at = clock_.now(),
                                    .active = true,
                                    .sealed_secret = {},
                                    .certificate = order.certificate,
                                    .identity = order.identity},
                     .secret = {}};
  domain::Credential& credential = made.credential;
  if (order.signs) {
    made.secret = new_secret(entropy_);
    FLORIN_TRY(credential.sealed_secret,
               seal(ledger, "cred", "credential", credential.id.text(), made.secret, entropy_));
  }
  std::unique_lock lock(certificate_mutex_, std::defer_lock);
  if (credential.by_certificate_alone()) {
    lock.lock();
    if (directory_.find_by_certificate(credential.certificate)) {
      return Error(Errc::unique_violation, "/client_certificate",
                   "this certificate is another credential's");
    }
  }
  FLORIN_TRY_VOID(append_record(*ledger.books,
                                {.kind = domain::Kind::credential,
                                 .id = credential.id.value,
                                 .stored = domain::encode(credential),
                                 .note = "credential created",
                                 .uid = person.uid,
                                 .unique = std::nullopt},
                                clock_, entropy_));
  directory_.put(ledger, credential);
  return made;
}

Result<domain::Connector> Appliance::create_connector(const ledger::TenantLedger& ledger,
                                                      const std::string& name,
                                                      const std::string& kind,
                                                      const std::string& base_url,
                                                      const Secret& api_key, Person person,
                                                      const AuthorizationOrder& times) {
  const connectors::Codec* const codec = connectors::find_codec(kind);
  if (codec == nullptr) {
    return Error(Errc::malformed_value, "/kind", "there is no connector of this kind");
  }
  if (auto usable = connectors::check_api_key(api_key.view()); !usable.ok()) {
    return std::move(usable).error().in_field("/api_key");
  }
  domain::Connector connector{.id = {new_uuid(clock_, entropy_)},
                              .name = name,
                              .kind = kind,
                              .base_url = base_url,
                              .created_at = clock_.now()};
  FLORIN_TRY(connector.authorization, times_of(codec->sheet(), times));
  FLORIN_TRY(connector.sealed_secret,
             seal(ledger, "cred", "connector", connector.id.text(), api_key, entropy_));
  FLORIN_TRY(Key16 key, name_key(*ledger.keys, ledger.mode, name));
  auto written = append_record(*ledger.books,
                               {.kind = domain::Kind::connector,
                                .id = connector.id.value,
                                .stored = domain::encode(connector),
                                .note = "connector created",
                                .uid = person.uid,
                                .unique = {{domain::Unique::connector_name, key}}},
                               clock_, entropy_);
  if (!written.ok()) return name_taken(std::move(written).error());
  return connector;
}

Result<NewEndpoint> Appliance::create_endpoint(const ledger::TenantLedger& ledger,
                                               const MerchantId& merchant, const std::string& url,
                                               Person person) {
  FLORIN_TRY_VOID(check_is_no_branch(ledger, merchant, "webhooks"));
  NewEndpoint made{.endpoint = {.id = {new_uuid(clock_, entropy_)},
                                .merchant = merchant,
                                .url = url,
                                .created_at = clock_.now()},
                   .secret = new_secret(entropy_)};
  domain::Endpoint& endpoint = made.endpoint;
  FLORIN_TRY(endpoint.sealed_secret,
             seal(ledger, "whsec", "endpoint", endpoint.id.text(), made.secret, entropy_));
  FLORIN_TRY_VOID(append_record(*ledger.books,
                                {.kind = domain::Kind::endpoint,
                                 .id = endpoint.id.value,
                                 .stored = domain::encode(endpoint),
                                 .note = "webhook endpoint created",
                                 .uid = person.uid,
                                 .unique = std::nullopt},
                                clock_, entropy_));
  return made;
}

Result<std::vector<domain::Merchant>> Appliance::merchants(
    const ledger::TenantLedger& ledger) const {
  FLORIN_TRY(std::vector<domain::Merchant> all,
             all_records<domain::Merchant>(*ledger.books, domain::Kind::merchant,
                                           domain::decode_merchant));
  // Identifiers are in the order of time: a branch comes right behind its merchant.
  std::sort(all.begin(), all.end(), [](const domain::Merchant& a, const domain::Merchant& b) {
    const auto place = [](const domain::Merchant& merchant) {
      return std::pair(merchant.is_branch() ? merchant.parent : merchant.id,
                       merchant.is_branch() ? merchant.id : MerchantId{});
    };
    return place(a) < place(b);
  });
  return all;
}

Result<std::vector<domain::Merchant>> Appliance::branches(const ledger::TenantLedger& ledger,
                                                          const MerchantId& merchant) const {
  return owned_records<domain::Merchant>(*ledger.books, domain::Index::branches_of_merchant,
                                         domain::Kind::merchant, merchant.value,
                                         domain::decode_merchant);
}

Result<std::vector<domain::Connector>> Appliance::connectors(
    const ledger::TenantLedger& ledger) const {
  return all_records<domain::Connector>(*ledger.books, domain::Kind::connector,
                                        domain::decode_connector);
}

Result<std::vector<domain::Credential>> Appliance::credentials(const ledger::TenantLedger& ledger,
                                                               const MerchantId& merchant) const {
  return owned_records<domain::Credential>(*ledger.books, domain::Index::credentials_of_merchant,
                                           domain::Kind::credential, merchant.value,
                                           domain::decode_credential);
}

Result<std::vector<domain::Endpoint>> Appliance::endpoints(const ledger::TenantLedger& ledger,
                                                           const MerchantId& merchant) const {
  return owned_records<domain::Endpoint>(*ledger.books, domain::Index::endpoints_of_merchant,
                                         domain::Kind::endpoint, merchant.value,
                                         domain::decode_endpoint);
}

}  // namespace florin::control
