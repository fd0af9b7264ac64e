#pragma once
/// Bodies and header fields to commands.
#include <string>
#include <string_view>

#include "daemon/http/message.h"
#include "sandbox/book.h"

namespace florin::sandbox {

/// 16 to 64 characters of [A-Za-z0-9_-].
bool is_key(std::string_view text) noexcept;

/// Reads an operation's request. Errors: `idempotency_key_invalid`, `malformed_json`,
/// `payload_too_large` or what was wrong with the first field.
Result<Command> read_command(OperationKind kind, const std::string& charge_id,
                             const http::Request& request);

/// Reads an order to say something after a charge's end; `about` is from the path. Errors: as
/// above.
Result<AfterOrder> read_after(AfterOrder::Kind kind, const std::string& about,
                              const http::Request& request);

}  // namespace florin::sandbox
