#pragma once
/// Reason phrases of RFC 9110 §15.
#include <string_view>

namespace florin::http {

/// The standard's phrase; empty for a status that is not in the table.
std::string_view reason_of(int status) noexcept;

}  // namespace florin::http
