#pragma once
/// Query strings (RFC 3986 §3.4) as name-value pairs. A plus sign is a plus sign.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace florin::http {

using QueryPairs = std::vector<std::pair<std::string, std::string>>;

/// Decoded pairs in the order sent; a name without "=" has an empty value.
/// Error: `malformed_value` for a broken percent escape or more than 64 pairs.
Result<QueryPairs> parse_query(std::string_view query);

/// Unreserved characters kept, everything else percent-encoded, sorted by name then value, joined
/// with "&": the form that request signatures cover.
std::string canonical_query(QueryPairs pairs);

}  // namespace florin::http
