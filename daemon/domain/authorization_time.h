#pragma once
/// How long authorizations are good at an acquirer.
#include <cstdint>

#include "base/result.h"

namespace florin::domain {

/// How long an authorization is good, counted from when it was asked for, and how long before its
/// end what is left of it is given back. A validity of 0: no end is known.
struct AuthorizationTime {
  std::int64_t validity_s = 0;
  std::int64_t margin_s = 0;
  bool operator==(const AuthorizationTime&) const = default;
};

inline constexpr std::int64_t kMaxValidity_s = std::int64_t{366} * 86'400;

/// A validity from 1 s to 366 days and a margin below it. Errors: `malformed_value` with field
/// "/authorization_validity" or "/authorization_margin".
Result<void> check_authorization_time(const AuthorizationTime& time);

}  // namespace florin::domain
