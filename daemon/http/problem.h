#pragma once
/// Errors as RFC 9457 problem documents.
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "daemon/http/message.h"

namespace florin::http {

/// The HTTP status that a code is answered with.
int status_of(Errc code) noexcept;

/// application/problem+json with type about:blank, title, status, detail, code, request_id and,
/// where fields are named, errors:[{pointer, code, detail}]. With several errors the first one
/// gives status and code. `extra` members are added at the top level. Sets Retry-After where the
/// class says "later". Never contains the log detail of an error.
Response problem(const std::vector<Error>& errors, std::string_view request_id,
                 const json::object& extra = {});
inline Response problem(const Error& error, std::string_view request_id,
                        const json::object& extra = {}) {
  return problem(std::vector<Error>{error}, request_id, extra);
}

/// As above, where the protocol wants another status than the code's own.
Response problem_as(int status, const Error& error, std::string_view request_id);

}  // namespace florin::http
