#pragma once
/// Stripe's answers to money-moving requests and inquiries, judged.
#include <string>

#include "base/json.h"
#include "daemon/connectors/codec.h"

namespace florin::connectors::stripe_dialect {

/// The member of `metadata` that has our operation.
inline constexpr std::string_view kReferenceMember = "operation";

/// What an answer to the operation itself proves; `unknown` when it is not a complete, documented
/// answer to it.
domain::Outcome judge(const OperationRequest& operation, const http::Response& response);

/// What the state of a payment intent proves about an authorization, sale, capture or void.
Inquiry judge_intent(const OperationRequest& operation, const json::object& intent,
                     const std::string& where);
/// What a refund proves about the operation.
domain::Outcome judge_refund(const OperationRequest& operation, const json::object& refund,
                             const std::string& where);
/// True if the object's metadata names our operation.
bool is_ours(const OperationRequest& operation, const json::object& object);

}  // namespace florin::connectors::stripe_dialect
