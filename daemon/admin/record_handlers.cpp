// What a tenant's ledger keeps: merchants, credentials, webhook endpoints, connectors.
#include <map>

#include "daemon/admin/body.h"
#include "daemon/admin/handlers.h"
#include "daemon/net/certificates.h"
#include "daemon/net/client.h"

namespace florin::admin {
namespace {

constexpr std::size_t kNameLimit = 31;
constexpr std::size_t kDisplayLimit = 128;
constexpr std::size_t kUrlLimit = 512;
constexpr std::size_t kDurationLimit = 16;
constexpr std::size_t kPemLimit = 16'384;
constexpr std::size_t kIdentityLimit = 255;
constexpr std::size_t kIdentifierLimit = 40;

// How a credential proves who sends.
constexpr std::string_view kSignature = "signature";
constexpr std::string_view kCertificate = "certificate";
constexpr std::string_view kBoth = "both";

Result<domain::Merchant> merchant_of(const Call& call, const ledger::TenantLedger& ledger) {
  FLORIN_TRY(control::Appliance * appliance, appliance_of(call));
  return appliance->merchant(ledger, call.match.parameter("merchant"));
}

Result<void> check_url(const std::string& url, std::string_view field) {
  if (auto parsed = net::parse_url(url); !parsed.ok()) {
    return std::move(parsed).error().in_field(std::string(field));
  }
  return {};
}

json::object merchant_document(const domain::Merchant& merchant) {
  json::object out{{"id", merchant.id.text()},
                   {"name", merchant.name},
                   {"display", merchant.display},
                   {"active", merchant.active},
                   {"created_at", to_rfc3339(merchant.created_at)}};
  if (merchant.is_branch()) {
    out["parent"] = merchant.parent.text();
  } else {
    out["late_success"] = domain::late_success_name(merchant.late_success);
    out["references"] = merchant.unique_references ? "unique" : "any";
  }
  return out;
}

std::string_view authentication_of(const domain::Credential& credential) {
  if (credential.certificate.empty()) return kSignature;
  return credential.by_certificate_alone() ? kCertificate : kBoth;
}

json::object credential_document(const domain::Credential& credential) {
  json::object out{{"key_id", credential.id.text()},
                   {"merchant", credential.merchant.text()},
                   {"label", credential.label},
                   {"active", credential.active},
                   {"authentication", authentication_of(credential)},
                   {"created_at", to_rfc3339(credential.created_at)}};
  if (!credential.certificate.empty()) {
    out["certificate_sha256"] = credential.certificate;
    out["certificate_name"] = credential.identity;
  }
  return out;
}

/// What the body asks for; what contradicts itself is refused, not interpreted.
Result<control::CredentialOrder> credential_order(const std::vector<std::string>& texts) {
  control::CredentialOrder order{
      .label = texts[0], .certificate = {}, .identity = {}, .signs = true};
  const std::string& pem = texts[1];
  const std::string wanted =
      !texts[2].empty() ? texts[2] : std::string(pem.empty() ? kSignature : kCertificate);
  if (wanted != kSignature && wanted != kCertificate && wanted != kBoth) {
    return Error(Errc::malformed_value, "/authentication",
                 "expected signature, certificate or both");
  }
  if (wanted == kSignature) {
    if (pem.empty()) return order;
    return Error(Errc::malformed_value, "/client_certificate",
                 "a key that is not bound to a certificate takes none");
  }
  if (pem.empty()) return Error(Errc::field_missing, "/client_certificate", {});
  auto certificate = net::read_client_certificate(pem);
  if (!certificate.ok()) return std::move(certificate).error().in_field("/client_certificate");
  order.certificate = certificate->thumbprint;
  order.identity = certificate->names.front().substr(0, kIdentityLimit);
  order.signs = wanted == kBoth;
  return order;
}

json::object endpoint_document(const domain::Endpoint& endpoint) {
  return {{"id", endpoint.id.text()},
          {"merchant", endpoint.merchant.text()},
          {"url", endpoint.url},
          {"active", endpoint.active},
          {"created_at", to_rfc3339(endpoint.created_at)}};
}

json::object connector_document(const domain::Connector& connector) {
  json::object out{{"id", connector.id.text()},  {"name", connector.name},
                   {"kind", connector.kind},     {"base_url", connector.base_url},
                   {"active", connector.active}, {"created_at", to_rfc3339(connector.created_at)}};
  if (connector.authorization) {
    out["authorization_validity_s"] = connector.authorization->validity_s;
    out["authorization_margin_s"] = connector.authorization->margin_s;
  }
  return out;
}

Result<control::AuthorizationOrder> read_times(const std::string& validity,
                                               const std::string& margin) {
  control::AuthorizationOrder out;
  if (!validity.empty()) {
    FLORIN_TRY(out.validity_s, read_duration_s("/authorization_validity", validity));
  }
  if (!margin.empty()) {
    FLORIN_TRY(out.margin_s, read_duration_s("/authorization_margin", margin));
  }
  return out;
}

template <class T>
http::Response list_of(std::string_view schema, const std::vector<T>& records,
                       json::object (*render)(const T&)) {
  json::array items;
  for (const T& record : records) items.emplace_back(render(record));
  return list_document(schema, std::move(items));
}

}  // namespace

Result<http::Response> get_merchants(const Call& call) {
  FLORIN_TRY(ledger::TenantLedger ledger, ledger_of(call));
  FLORIN_TRY(std::vector<domain::Merchant> all, call.appliance->merchants(ledger));
  json::array items;
  std::map<MerchantId, std::string> names;
  for (const domain::Merchant& merchant : all) {
    names[merchant.id] = merchant.name;
    json::object item = merchant_document(merchant);
    // Branches stand behind their merchant.
    if (merchant.is_branch()) item["parent_name"] = names[merchant.parent];
    items.emplace_back(std::move(item));
  }
  return list_document("florin.merchant.list/1", std::move(items));
}

Result<http::Response> get_merchant(const Call& call) {
  FLORIN_TRY(ledger::TenantLedger ledger, ledger_of(call));
  FLORIN_TRY(const domain::Merchant merchant, merchant_of(call, ledger));
  json::object body = merchant_document(merchant);
  if (merchant.is_branch()) {
    FLORIN_TRY(const domain::Merchant parent,
               call.appliance->merchant(ledger, merchant.parent.text()));
    body["parent_name"] = parent.name;
    return document(200, "florin.merchant.show/1", body);
  }
  FLORIN_TRY(const std::vector<domain::Merchant> all,
             call.appliance->branches(ledger, merchant.id));
  json::array branches;
  for (const domain::Merchant& branch : all) branches.emplace_back(merchant_document(branch));
  body["branches"] = std::move(branches);
  return document(200, "florin.merchant.show/1", body);
}

Result<http::Response> post_merchant(const Call& call) {
  FLORIN_TRY(ledger::TenantLedger ledger, ledger_of(call));
  FLORIN_TRY(std::vector<std::string> texts,
             read_texts(call.request, {{"name", kNameLimit},
                                       {"display", kDisplayLimit, false},
                                       {"late_success", kNameLimit, false},
                                       {"parent", kIdentifierLimit, false},
                                       {"references", kNameLimit, false}}));
  if (auto name = domain::check_name(texts[0]); !name.ok()) {
    return std::move(name).error().in_field("/name");
  }
  const std::string& display = texts[1].empty() ? texts[0] : texts[1];
  if (!texts[3].empty()) {
    if (!texts[2].empty()) {
      return Error(Errc::malformed_value, "/late_success", "a branch follows its merchant's rule");
    }
    if (!texts[4].empty()) {
      return Error(Errc::malformed_value, "/references", "a branch follows its merchant's rule");
    }
    auto parent = call.appliance->merchant(ledger, texts[3]);
    if (!parent.ok()) return std::move(parent).error().in_field("/parent");
    FLORIN_TRY(const domain::Merchant branch,
               call.appliance->create_branch(ledger, *parent, texts[0], display, call.person));
    json::object body = merchant_document(branch);
    body["parent_name"] = parent->name;
    return document(201, "florin.merchant.create/1", body);
  }
  auto rule = domain::parse_late_success(texts[2].empty() ? "reverse" : texts[2]);
  if (!rule.ok()) return std::move(rule).error().in_field("/late_success");
  const bool unique = texts[4] == "unique";
  if (!unique && !texts[4].empty() && texts[4] != "any") {
    return Error(Errc::malformed_value, "/references", "expected \"any\" or \"unique\"");
  }
  FLORIN_TRY(domain::Merchant merchant, call.appliance->create_merchant(
                                            ledger, texts[0], display, call.person, *rule, unique));
  return document(201, "florin.merchant.create/1", merchant_document(merchant));
}

Result<http::Response> get_credentials(const Call& call) {
  FLORIN_TRY(ledger::TenantLedger ledger, ledger_of(call));
  FLORIN_TRY(domain::Merchant merchant, merchant_of(call, ledger));
  FLORIN_TRY(std::vector<domain::Credential> all, call.appliance->credentials(ledger, merchant.id));
  return list_of("florin.credential.list/1", all, &credential_document);
}

Result<http::Response> post_credential(const Call& call) {
  FLORIN_TRY(ledger::TenantLedger ledger, ledger_of(call));
  FLORIN_TRY(domain::Merchant merchant, merchant_of(call, ledger));
  FLORIN_TRY(std::vector<std::string> texts,
             read_texts(call.request, {{"label", 64, false},
                                       {"client_certificate", kPemLimit, false},
                                       {"authentication", 16, false}}));
  FLORIN_TRY(const control::CredentialOrder order, credential_order(texts));
  FLORIN_TRY(control::NewCredential made,
             call.appliance->create_credential(ledger, merchant.id, order, call.person));
  json::object body = credential_document(made.credential);
  if (order.signs) body["secret"] = to_base64(made.secret.view());
  return document(201, "florin.credential.create/1", body);
}

Result<http::Response> get_webhooks(const Call& call) {
  FLORIN_TRY(ledger::TenantLedger ledger, ledger_of(call));
  FLORIN_TRY(domain::Merchant merchant, merchant_of(call, ledger));
  FLORIN_TRY(std::vector<domain::Endpoint> all, call.appliance->endpoints(ledger, merchant.id));
  return list_of("florin.webhook.list/1", all, &endpoint_document);
}

Result<http::Response> post_webhook(const Call& call) {
  FLORIN_TRY(ledger::TenantLedger ledger, ledger_of(call));
  FLORIN_TRY(domain::Merchant merchant, merchant_of(call, ledger));
  FLORIN_TRY(std::vector<std::string> texts, read_texts(call.request, {{"url", kUrlLimit}}));
  FLORIN_TRY_VOID(check_url(texts[0], "/url"));
  FLORIN_TRY(control::NewEndpoint made,
             call.appliance->create_endpoint(ledger, merchant.id, texts[0], call.person));
  json::object body = endpoint_document(made.endpoint);
  body["secret"] = "whsec_" + to_base64(made.secret.view());
  return document(201, "florin.webhook.create/1", body);
}

Result<http::Response> get_connectors(const Call& call) {
  FLORIN_TRY(ledger::TenantLedger ledger, ledger_of(call));
  FLORIN_TRY(std::vector<domain::Connector> all, call.appliance->connectors(ledger));
  return list_of("florin.connector.list/1", all, &connector_document);
}

Result<http::Response> post_connector(const Call& call) {
  FLORIN_TRY(ledger::TenantLedger ledger, ledger_of(call));
  FLORIN_TRY(std::vector<std::string> texts,
             read_texts(call.request, {{"name", kNameLimit},
                                       {"kind", 31},
                                       {"base_url", kUrlLimit},
                                       {"api_key", 256},
                                       {"authorization_validity", kDurationLimit, false},
                                       {"authorization_margin", kDurationLimit, false}}));
  if (auto name = domain::check_name(texts[0]); !name.ok()) {
    return std::move(name).error().in_field("/name");
  }
  FLORIN_TRY_VOID(check_url(texts[2], "/base_url"));
  const Secret api_key(view_of(texts[3]));
  wipe(texts[3]);
  FLORIN_TRY(const control::AuthorizationOrder times, read_times(texts[4], texts[5]));
  FLORIN_TRY(domain::Connector connector,
             call.appliance->create_connector(ledger, texts[0], texts[1], texts[2], api_key,
                                              call.person, times));
  return document(201, "florin.connector.create/1", connector_document(connector));
}

}  // namespace florin::admin
