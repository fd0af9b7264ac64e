#pragma once
/// Bodies and queries of operator requests as checked values.
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "daemon/admin/operator_api.h"

namespace florin::admin {

/// The JSON object of a body, every member of which must be one of `names` and a text within its
/// limit; optional ones may be absent and are then empty.
struct TextField {
  std::string_view name;
  std::size_t limit;
  bool required = true;
};
Result<std::vector<std::string>> read_texts(const http::Request& request,
                                            const std::vector<TextField>& fields);

/// Error: `malformed_value` naming the member.
Result<std::uint64_t> read_number(std::string_view name, std::string_view text, std::uint64_t low,
                                  std::uint64_t high);

/// A time such as 90s, 15m, 24h, 7d, or a number of seconds, of at most ten years. Error:
/// `malformed_value` with this field.
Result<std::int64_t> read_duration_s(std::string_view field, std::string_view text);

struct Page {
  std::uint64_t from = 0;
  std::size_t limit = 100;
  std::string cursor;
  std::string merchant;
  std::optional<UnixNanos> at;
  std::uint64_t before = UINT64_MAX;
};
/// Takes from, before, limit (1 to 1000), cursor, merchant and at (a time of RFC 3339), each once.
/// Error: `malformed_value`.
Result<Page> read_page(const http::Request& request);

http::Response document(int status, std::string_view schema, const json::object& body);
/// `items` and `next: null`.
http::Response list_document(std::string_view schema, json::array items);

/// The appliance, or why there is none yet. Errors: `not_initialised`, `hsm_pin_missing`.
Result<control::Appliance*> appliance_of(const Call& call);
/// The ledger that the path names. Error: `not_found` naming "tenant" or "mode".
Result<ledger::TenantLedger> ledger_of(const Call& call);

}  // namespace florin::admin
