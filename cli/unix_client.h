#pragma once
/// One blocking HTTP exchange over a UNIX socket.
#include <chrono>
#include <filesystem>

#include "base/result.h"
#include "daemon/http/message.h"

namespace florin::cli {

/// Sends the request on a connection of its own and reads the answer; `timeout` bounds all of it.
/// Errors: `permission_denied` (the socket may not be opened), `connection_failed` (no socket
/// there, nobody listens, or the peer hung up), `timed_out`, `value_too_long` (path), `io_failure`,
/// `connector_answer_invalid` (not an HTTP answer).
Result<http::Response> exchange(const std::filesystem::path& socket, const http::Request& request,
                                std::chrono::milliseconds timeout);

}  // namespace florin::cli
