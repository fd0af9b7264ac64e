#include <iterator>

#include "daemon/admin/handlers.h"

namespace florin::admin {
namespace {

constexpr unsigned kAuditor = static_cast<unsigned>(Role::auditor);
constexpr unsigned kOperator = static_cast<unsigned>(Role::operator_);
constexpr unsigned kCustodian = static_cast<unsigned>(Role::custodian);
constexpr unsigned kAdmin = static_cast<unsigned>(Role::admin);
constexpr unsigned kActing = kOperator | kCustodian | kAdmin;
constexpr unsigned kAnybody = kAuditor | kActing;

// Reads are open to every role; each order belongs to one. Of requests the operation says who may
// ask and who may approve.
constexpr RouteRow kRows[] = {
    {"GET", "/operator/v1/status", kAnybody, &get_status},
    {"POST", "/operator/v1/config/reload", kOperator, &post_config_reload},
    {"POST", "/operator/v1/clock/confirmations", kOperator, &post_clock_confirmation},
    {"GET", "/operator/v1/hsm", kAnybody, &get_hsm},
    {"POST", "/operator/v1/hsm/init", kAdmin, &post_hsm_init, true},
    {"POST", "/operator/v1/hsm/lock", kCustodian, &post_hsm_lock, true},
    {"POST", "/operator/v1/hsm/unlock", kCustodian, &post_hsm_unlock, true},
    {"POST", "/operator/v1/hsm/pin", kCustodian, &post_hsm_pin, true},
    {"POST", "/operator/v1/hsm/probe", kCustodian, &post_hsm_probe},
    {"GET", "/operator/v1/metrics", kAnybody, &get_metrics},
    {"GET", "/operator/v1/tenants", kAnybody, &get_tenants},
    {"POST", "/operator/v1/tenants", kAdmin, &post_tenant},
    {"GET", "/operator/v1/tenants/{tenant}/{mode}/merchants", kAnybody, &get_merchants},
    {"POST", "/operator/v1/tenants/{tenant}/{mode}/merchants", kOperator, &post_merchant},
    {"GET", "/operator/v1/tenants/{tenant}/{mode}/merchants/{merchant}", kAnybody, &get_merchant},
    {"GET", "/operator/v1/tenants/{tenant}/{mode}/merchants/{merchant}/credentials", kAnybody,
     &get_credentials},
    {"POST", "/operator/v1/tenants/{tenant}/{mode}/merchants/{merchant}/credentials", kOperator,
     &post_credential},
    {"GET", "/operator/v1/tenants/{tenant}/{mode}/merchants/{merchant}/webhooks", kAnybody,
     &get_webhooks},
    {"POST", "/operator/v1/tenants/{tenant}/{mode}/merchants/{merchant}/webhooks", kOperator,
     &post_webhook},
    {"GET", "/operator/v1/tenants/{tenant}/{mode}/connectors", kAnybody, &get_connectors},
    {"POST", "/operator/v1/tenants/{tenant}/{mode}/connectors", kOperator, &post_connector},
    {"POST", "/operator/v1/tenants/{tenant}/{mode}/connectors/{connector}/test", kOperator,
     &post_connector_test},
    {"POST", "/operator/v1/tenants/{tenant}/{mode}/connectors/{connector}/notices", kOperator,
     &post_notice_secret},
    {"GET", "/operator/v1/tenants/{tenant}/{mode}/notices", kAnybody, &get_notices},
    {"GET", "/operator/v1/tenants/{tenant}/{mode}/payments", kAnybody, &get_payments},
    {"GET", "/operator/v1/tenants/{tenant}/{mode}/payments/{id}", kAnybody, &get_payment},
    {"GET", "/operator/v1/tenants/{tenant}/{mode}/balances", kAnybody, &get_balances},
    {"GET", "/operator/v1/tenants/{tenant}/{mode}/accounts/{account}/statement", kAnybody,
     &get_statement},
    {"GET", "/operator/v1/tenants/{tenant}/{mode}/entries", kAnybody, &get_entries},
    {"POST", "/operator/v1/tenants/{tenant}/{mode}/exports", kAuditor, &post_export},
    {"POST", "/operator/v1/tenants/{tenant}/{mode}/payments/{id}/proofs", kAuditor, &post_proof},
    {"GET", "/operator/v1/doubts", kAnybody, &get_doubts},
    {"POST", "/operator/v1/tenants/{tenant}/{mode}/merchants/{merchant}/subjects", kCustodian,
     &post_subject_search},
    {"GET", "/operator/v1/schemas", kAnybody, &get_schemas},
    {"GET", "/operator/v1/schemas/{name}", kAnybody, &get_schema},
    {"GET", "/operator/v1/keys", kAnybody, &get_keys},
    {"GET", "/operator/v1/key", kAnybody, &get_key},
    {"POST", "/operator/v1/keys/verifications", kAuditor | kCustodian, &post_key_verification},
    {"GET", "/operator/v1/backups", kAnybody, &get_backups},
    {"POST", "/operator/v1/backups", kOperator, &post_backup},
    {"GET", "/operator/v1/requests", kAnybody, &get_requests},
    {"POST", "/operator/v1/requests", kActing, &post_request},
    {"POST", "/operator/v1/requests/preview", kActing, &post_request_preview},
    {"GET", "/operator/v1/requests/{request}", kAnybody, &get_request},
    {"POST", "/operator/v1/requests/{request}/approve", kActing, &post_request_approve},
    {"POST", "/operator/v1/requests/{request}/reject", kActing, &post_request_reject},
    {"POST", "/operator/v1/requests/{request}/cancel", kActing, &post_request_cancel},
    {"POST", "/operator/v1/requests/{request}/execute", kActing, &post_request_execute},
    {"GET", "/operator/v1/people", kAnybody, &get_people},
    {"GET", "/operator/v1/people/{name}", kAnybody, &get_person},
    {"GET", "/operator/v1/whoami", kAnybody, &get_whoami},
};

}  // namespace

std::vector<RouteRow> routes() {
  return {std::begin(kRows), std::end(kRows)};
}

}  // namespace florin::admin
