#pragma once
/// Bodies of the merchant API as values. Pure: every problem of a body is reported, each with the
/// JSON pointer of its field.
#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/json.h"
#include "daemon/domain/payment.h"
#include "daemon/http/message.h"

namespace florin::api {

/// What was wrong; never empty.
using Problems = std::vector<Error>;

template <class T>
using Parsed = std::variant<T, Problems>;

struct CreateBody {
  domain::PaymentTerms terms;
  bool confirm = true;  ///< false: it waits until it is confirmed
};

struct CaptureBody {
  std::optional<Money> amount;
  bool final_capture = false;
};

struct RefundBody {
  Money amount;
  std::string reason;
};

Parsed<CreateBody> parse_create(const json::value& body);
Parsed<CaptureBody> parse_capture(const json::value& body);
Parsed<RefundBody> parse_refund(const json::value& body);
/// What comes to the authorization.
Parsed<Money> parse_increment(const json::value& body);
/// A body that must be an empty object.
Problems parse_empty(const json::value& body);

/// A body is application/json, in UTF-8; no body needs no type. Error: `unsupported_media_type`.
Result<void> check_content_type(const http::Request& request);

/// `Prefer: wait=N` (RFC 7240 §4.3): how long the merchant would wait for an earlier request under
/// his key, at most 20 s; 0 when he does not say so in that form.
std::chrono::seconds preferred_wait(const http::Request& request) noexcept;

/// Query of a list.
struct ListQuery {
  std::size_t limit = 25;
  std::string cursor;
  std::optional<MerchantId> branch = std::nullopt;  ///< only what is of this branch
};
Parsed<ListQuery> parse_list_query(std::string_view query);

}  // namespace florin::api
