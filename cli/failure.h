#pragma once
/// What went wrong, for people or programs, on standard error.
#include <string>

#include "cli/exit_code.h"
#include "cli/view.h"
#include "daemon/http/message.h"

namespace florin::cli {

struct Failure {
  ExitCode exit = ExitCode::internal;
  std::string code;     ///< stable kebab-case name
  std::string message;  ///< one sentence
  std::string hint;     ///< what to do; may be empty
  json::array errors;   ///< {pointer, code, detail}, as the daemon sent them
};

/// From an error of this process. `role` names the socket that was used; empty without one.
Failure failure_of(const Error& error, std::string_view role = {});
/// From an answer that is not a success.
Failure failure_of(const http::Response& response);
/// The text for standard error, with its line feed.
std::string format_failure(const Failure& failure, Output output);

}  // namespace florin::cli
