#include "cli/exit_code.h"

namespace florin::cli {

ExitCode exit_code_of(Errc code) noexcept {
  if (errc_name(code).starts_with("hsm-")) return ExitCode::hsm_unavailable;
  if (code == Errc::timed_out) return ExitCode::timed_out;
  if (code == Errc::not_initialised) return ExitCode::unreachable;
  switch (errc_class(code)) {
    case ErrorClass::invalid:
      return ExitCode::usage;
    case ErrorClass::unauthenticated:
    case ErrorClass::denied:
      return ExitCode::permission;
    case ErrorClass::not_found:
      return ExitCode::not_found;
    case ErrorClass::conflict:
      return ExitCode::conflict;
    case ErrorClass::exhausted:
    case ErrorClass::unavailable:
      return ExitCode::unreachable;
    case ErrorClass::corrupt:
      return ExitCode::found_bad;
    case ErrorClass::internal:
      return ExitCode::internal;
  }
  return ExitCode::internal;
}

ExitCode exit_code_of(int status, std::string_view code) noexcept {
  // The name is more precise than the status: 503 may be a sealed HSM or a daemon in setup.
  if (code.starts_with("hsm-") || code == "sealed") return ExitCode::hsm_unavailable;
  if (code == "not-initialised") return ExitCode::unreachable;
  if (code == "timed-out" || status == 504) return ExitCode::timed_out;
  if (status == 202) return ExitCode::approval_pending;
  if (status >= 200 && status < 300) return ExitCode::ok;
  if (status == 401 || status == 403) return ExitCode::permission;
  if (status == 404) return ExitCode::not_found;
  if (status == 409 || status == 412) return ExitCode::conflict;
  if (status == 429 || status == 503) return ExitCode::unreachable;
  if (status >= 400 && status < 500) return ExitCode::usage;
  return ExitCode::internal;
}

std::string_view exit_code_help() noexcept {
  return R"(Exit codes of florin
    0  done
    1  internal error
    2  wrong arguments, or a value that the daemon refuses
    3  checked and found bad
    4  not found
    5  conflict: the present state does not allow it
    6  approval of a second person is pending
    7  permission denied
    8  daemon not reachable, not initialised or overloaded
    9  HSM sealed or not available
  124  time limit passed
)";
}

}  // namespace florin::cli
