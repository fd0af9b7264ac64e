// The appliance as a whole: status, security module, tenants.
#include "daemon/admin/body.h"
#include "daemon/admin/handlers.h"

namespace florin::admin {
namespace {

constexpr std::size_t kPinLimit = 255;
constexpr std::size_t kDisplayLimit = 128;
constexpr std::size_t kPublicPartLimit = 512;

Result<domain::PublicPart> public_part(const std::string& text, const char* field) {
  auto part = domain::parse_public_part(text);
  if (!part.ok()) return std::move(part).error().in_field(field);
  return part;
}

json::object tenant_document(const domain::Tenant& tenant) {
  return {{"id", tenant.id.text()},
          {"name", tenant.name},
          {"display", tenant.display},
          {"created_at", to_rfc3339(tenant.created_at)}};
}

}  // namespace

Result<http::Response> get_status(const Call& call) {
  return document(200, "florin.status/1", call.machine.status());
}

Result<http::Response> post_config_reload(const Call& call) {
  FLORIN_TRY_VOID(read_texts(call.request, {}));
  FLORIN_TRY(json::object reloaded, call.machine.reload());
  return document(200, "florin.config.reload/1", reloaded);
}

Result<http::Response> post_clock_confirmation(const Call& call) {
  FLORIN_TRY_VOID(read_texts(call.request, {}));
  FLORIN_TRY(json::object confirmed, call.machine.confirm_clock(call.person));
  return document(201, "florin.config.confirm-clock/1", confirmed);
}

Result<http::Response> get_hsm(const Call& call) {
  return document(200, "florin.hsm.status/1", call.machine.hsm_status());
}

Result<http::Response> post_hsm_init(const Call& call) {
  FLORIN_TRY(std::vector<std::string> texts,
             read_texts(call.request, {{"so_pin", kPinLimit},
                                       {"first_person", kPublicPartLimit},
                                       {"second_person", kPublicPartLimit}}));
  const Secret so_pin(view_of(texts[0]));
  wipe(texts[0]);
  std::array<domain::PublicPart, 2> people;
  FLORIN_TRY(people[0], public_part(texts[1], "/first_person"));
  FLORIN_TRY(people[1], public_part(texts[2], "/second_person"));
  FLORIN_TRY(json::object made, call.machine.initialise(so_pin, people, call.person));
  return document(201, "florin.hsm.init/1", made);
}

Result<http::Response> get_tenants(const Call& call) {
  FLORIN_TRY(control::Appliance * appliance, appliance_of(call));
  json::array items;
  for (const domain::Tenant& tenant : appliance->tenants()) {
    items.emplace_back(tenant_document(tenant));
  }
  return list_document("florin.tenant.list/1", std::move(items));
}

Result<http::Response> post_tenant(const Call& call) {
  FLORIN_TRY(control::Appliance * appliance, appliance_of(call));
  FLORIN_TRY(std::vector<std::string> texts,
             read_texts(call.request, {{"name", 31}, {"display", kDisplayLimit, false}}));
  if (auto name = domain::check_name(texts[0]); !name.ok()) {
    return std::move(name).error().in_field("/name");
  }
  FLORIN_TRY(
      domain::Tenant tenant,
      appliance->create_tenant(texts[0], texts[1].empty() ? texts[0] : texts[1], call.person));
  return document(201, "florin.tenant.create/1", tenant_document(tenant));
}

}  // namespace florin::admin
