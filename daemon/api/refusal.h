#pragma once
/// Refusals as answers.
#include <string>
#include <vector>

#include "base/ids.h"
#include "daemon/http/message.h"
#include "daemon/http/router.h"

namespace florin::api {

/// A problem document; `allowed` lists the commands that the payment takes now, where it was one of
/// them that was refused. `errors` is not empty.
http::Response refuse(const std::vector<Error>& errors, const std::string& request_id);
http::Response refuse(const Error& error, const std::string& request_id);

/// The payment that a path names. Error: `not_found`.
Result<PaymentId> payment_id(const http::Match& match);

}  // namespace florin::api
