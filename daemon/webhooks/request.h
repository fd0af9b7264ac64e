#pragma once
/// The HTTP request of one attempt, as a value.
#include <string>
#include <string_view>

#include "daemon/http/message.h"
#include "daemon/webhooks/signature.h"

namespace florin::webhooks {

/// "<brand>-webhooks/1". Characters of the brand that RFC 9110 does not allow in a product token
/// become hyphens; without a brand it is "webhooks/1". The product's own name is never in it.
std::string user_agent(std::string_view brand);

/// A POST of `body` to `target` (origin form) with the signature headers.
http::Request make_request(std::string target, const MessageHeaders& headers, std::string body,
                           std::string agent);

}  // namespace florin::webhooks
