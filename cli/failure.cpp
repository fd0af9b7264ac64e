#include "cli/failure.h"

#include <fmt/format.h>

#include "cli/render.h"

namespace florin::cli {
namespace {

std::string text_member(const json::value& document, std::string_view name) {
  const json::value* value = find_path(document, name);
  if (value == nullptr || !value->is_string()) return {};
  return std::string(value->get_string());
}

std::string hint_of(ExitCode exit, std::string_view code) {
  if (code == "not-initialised") return "The appliance is not initialised: florin hsm init";
  if (exit == ExitCode::hsm_unavailable) return "See florin hsm status.";
  return {};
}

}  // namespace

Failure failure_of(const Error& error, std::string_view role) {
  Failure failure{.exit = exit_code_of(error.code()),
                  .code = std::string(errc_name(error.code())),
                  .message = error.message(),
                  .hint = {},
                  .errors = {}};
  if (!error.field().empty()) failure.message = error.field() + ": " + failure.message;
  if (role.empty()) return failure;
  if (error.code() == Errc::permission_denied) {
    failure.hint = fmt::format(
        "Ask for membership in group florin-{}, then log in again (groups apply to new logins).",
        role);
  } else if (error.code() == Errc::connection_failed) {
    failure.hint = "Is florind running? Another run directory is named with --run-dir or --config.";
  } else if (error.code() == Errc::timed_out) {
    failure.message = "no answer within the time limit; what was asked may still be carried out";
    failure.hint = "Look before you repeat it; a longer limit is given with --timeout.";
  } else if (error.code() == Errc::connector_answer_invalid) {
    failure.exit = ExitCode::internal;
    failure.message = "the daemon's answer could not be understood";
  }
  return failure;
}

Failure failure_of(const http::Response& response) {
  Failure failure;
  failure.message = fmt::format("the daemon answered with status {}", response.status);
  const Result<json::value> document = json::parse(response.body, {.bytes = 1UL << 20});
  if (document.ok()) {
    failure.code = text_member(*document, "code");
    if (const std::string detail = text_member(*document, "detail"); !detail.empty()) {
      failure.message = detail;
    }
    if (const json::value* errors = find_path(*document, "errors"); errors && errors->is_array()) {
      failure.errors = errors->get_array();
    }
  }
  failure.exit = exit_code_of(response.status, failure.code);
  // An unexpected success status must not look like success.
  if (failure.exit == ExitCode::ok) failure.exit = ExitCode::internal;
  failure.hint = hint_of(failure.exit, failure.code);
  return failure;
}

std::string format_failure(const Failure& failure, Output output) {
  if (output == Output::json) {
    json::object error{{"code", failure.code}, {"message", failure.message}};
    error["exit"] = static_cast<std::int64_t>(failure.exit);
    if (!failure.hint.empty()) error["hint"] = failure.hint;
    if (!failure.errors.empty()) error["errors"] = failure.errors;
    return json::write(json::object{{"error", std::move(error)}}) + "\n";
  }
  std::string text = "florin: " + printable(failure.message) + "\n";
  for (const json::value& entry : failure.errors) {
    text += fmt::format("  {}: {}\n", format_value(find_path(entry, "pointer"), Format::text),
                        format_value(find_path(entry, "detail"), Format::text));
  }
  if (!failure.hint.empty()) text += failure.hint + "\n";
  return text;
}

}  // namespace florin::cli
