#pragma once
/// The sandbox's answers to money-moving requests, judged.
#include <string>
#include <string_view>

#include "base/json.h"
#include "daemon/connectors/codec.h"

namespace florin::connectors::sandbox_dialect {

/// What an answer of this status and body proves about the operation; `unknown` when it is not a
/// complete, documented answer to it. `evidence` says where the answer was seen ("answer",
/// "inquiry"). `under_key`: the PSP vouches that this is the answer recorded under our key.
domain::Outcome judge(const OperationRequest& operation, std::int64_t status,
                      const json::value& body, std::string_view evidence, bool under_key);

/// The sandbox's codes of declines and refusals with ours.
std::span<const DeclineMapping> declines();

}  // namespace florin::connectors::sandbox_dialect
