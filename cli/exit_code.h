#pragma once
/// The documented exit codes of `florin`; scripts rely on them, so a number never changes its
/// meaning.
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace florin::cli {

enum class ExitCode : std::uint8_t {
  ok = 0,
  internal = 1,
  usage = 2,      ///< wrong arguments, or the daemon refuses a value
  found_bad = 3,  ///< a check ran and found something bad
  not_found = 4,
  conflict = 5,          ///< the present state does not allow it
  approval_pending = 6,  ///< a second person has to approve
  permission = 7,
  unreachable = 8,      ///< the daemon does not answer, is not initialised or is overloaded
  hsm_unavailable = 9,  ///< the HSM is sealed or cannot be used
  timed_out = 124,
};

/// For an error that arose in this process.
ExitCode exit_code_of(Errc code) noexcept;
/// For a problem document: `code` is its member of that name (may be empty), `status` the HTTP
/// status.
ExitCode exit_code_of(int status, std::string_view code) noexcept;
/// The table that `florin help exit-codes` prints.
std::string_view exit_code_help() noexcept;

}  // namespace florin::cli
