#pragma once
/// The handlers of the operator API, one per route. They run on the blocking pool.
#include "daemon/admin/operator_api.h"

namespace florin::admin {

Result<http::Response> get_status(const Call& call);
Result<http::Response> post_config_reload(const Call& call);
Result<http::Response> post_clock_confirmation(const Call& call);
Result<http::Response> get_hsm(const Call& call);
Result<http::Response> post_hsm_init(const Call& call);
Result<http::Response> post_hsm_lock(const Call& call);
Result<http::Response> post_hsm_unlock(const Call& call);
Result<http::Response> post_hsm_pin(const Call& call);
Result<http::Response> post_hsm_probe(const Call& call);
Result<http::Response> get_metrics(const Call& call);
Result<http::Response> get_tenants(const Call& call);
Result<http::Response> post_tenant(const Call& call);
Result<http::Response> get_merchants(const Call& call);
Result<http::Response> get_merchant(const Call& call);
Result<http::Response> post_merchant(const Call& call);
Result<http::Response> get_credentials(const Call& call);
Result<http::Response> post_credential(const Call& call);
Result<http::Response> get_webhooks(const Call& call);
Result<http::Response> post_webhook(const Call& call);
Result<http::Response> get_connectors(const Call& call);
Result<http::Response> post_connector(const Call& call);
Result<http::Response> post_connector_test(const Call& call);
Result<http::Response> get_schemas(const Call& call);
Result<http::Response> get_schema(const Call& call);
Result<http::Response> get_payments(const Call& call);
Result<http::Response> get_payment(const Call& call);
Result<http::Response> get_doubts(const Call& call);
Result<http::Response> get_notices(const Call& call);
Result<http::Response> post_notice_secret(const Call& call);
Result<http::Response> get_balances(const Call& call);
Result<http::Response> get_statement(const Call& call);
Result<http::Response> get_entries(const Call& call);
Result<http::Response> post_export(const Call& call);
Result<http::Response> post_proof(const Call& call);
Result<http::Response> get_backups(const Call& call);
Result<http::Response> post_backup(const Call& call);
Result<http::Response> post_subject_search(const Call& call);
Result<http::Response> get_keys(const Call& call);
Result<http::Response> get_key(const Call& call);
Result<http::Response> post_key_verification(const Call& call);
Result<http::Response> get_requests(const Call& call);
Result<http::Response> get_request(const Call& call);
Result<http::Response> post_request_preview(const Call& call);
Result<http::Response> post_request(const Call& call);
Result<http::Response> post_request_approve(const Call& call);
Result<http::Response> post_request_reject(const Call& call);
Result<http::Response> post_request_cancel(const Call& call);
Result<http::Response> post_request_execute(const Call& call);
Result<http::Response> get_people(const Call& call);
Result<http::Response> get_person(const Call& call);
Result<http::Response> get_whoami(const Call& call);

}  // namespace florin::admin
