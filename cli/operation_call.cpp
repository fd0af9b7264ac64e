#include "cli/operation_call.h"

#include <fmt/format.h>

#include <array>
#include <variant>

#include "cli/failure.h"
#include "cli/new_file.h"
#include "cli/render.h"
#include "cli/secret_file.h"
#include "cli/signer.h"
#include "cli/text_file.h"
#include "cli/unix_client.h"
#include "daemon/domain/request_text.h"

namespace florin::cli {
namespace {

namespace fs = std::filesystem;
using domain::RequestAct;

constexpr std::size_t kShortestDigest = 8;

ExitCode fail(const Failure& failure, const GlobalOptions& global, Surroundings& around) {
  around.err << format_failure(failure, global.output);
  return failure.exit;
}

ExitCode fail(const Error& error, const GlobalOptions& global, Surroundings& around) {
  Failure failure = failure_of(error);
  // Nobody was asked: what was named here is at fault.
  if (error.code() == Errc::io_failure || error.code() == Errc::not_found) {
    failure.exit = ExitCode::usage;
  }
  if (error.code() == Errc::decryption_failed) failure.exit = ExitCode::permission;
  return fail(failure, global, around);
}

std::string text_of_member(const json::value& document, std::string_view name) {
  const json::value* found = find_path(document, name);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

struct Answer {
  int status = 0;
  json::value document;
};

/// One exchange with the daemon. What is not a success becomes a failure.
class Line {
 public:
  Line(fs::path directory, std::chrono::milliseconds timeout)
      : directory_(std::move(directory)), timeout_(timeout) {}

  std::variant<Answer, Failure> call(Role role, std::string_view method, std::string target,
                                     const json::object& body = {}) const {
    http::Request request;
    request.method = method;
    request.target = std::move(target);
    request.headers.set("Accept", "application/json");
    request.headers.set("Connection", "close");
    if (method == "POST") {
      request.headers.set("Content-Type", "application/json");
      request.body = json::write(body);
    }
    const std::string name(role_name(role));
    const auto response = exchange(directory_ / (name + ".sock"), request, timeout_);
    if (!response.ok()) return failure_of(response.error(), name);
    if (response->status < 200 || response->status > 202) return failure_of(*response);
    auto document = json::parse(response->body, {.bytes = 1UL << 20, .members = 10'000});
    if (!document.ok()) {
      return failure_of(Error(Errc::internal, {}, "the daemon's answer is not JSON"));
    }
    return Answer{response->status, std::move(*document)};
  }

 private:
  fs::path directory_;
  std::chrono::milliseconds timeout_;
};

/// The text as the daemon shows it, and its digest as computed here.
struct Shown {
  std::string text;
  Hash32 digest{};
};

Result<Shown> check_shown(const json::value& document) {
  Shown out{.text = text_of_member(document, "text"), .digest = {}};
  out.digest = domain::request_digest(out.text);
  if (out.text.empty() || to_hex(out.digest) != text_of_member(document, "digest")) {
    return Error(Errc::internal, {}, "the daemon's digest is not that of the text it shows");
  }
  return out;
}

Result<json::object> parameters_of(const Command& command, const Values& values) {
  json::object out;
  for (const Argument& argument : command.arguments) {
    const auto value = values.find(argument.name);
    if (value == values.end() || argument.target == Target::local) continue;
    std::string text = value->second;
    if (argument.target == Target::body_file) {
      FLORIN_TRY(text, read_text_file(text));
    }
    if (argument.target == Target::body_file_digest) {
      FLORIN_TRY(text, file_digest(text));
    }
    out[argument.name] = text;
  }
  return out;
}

// Where the parameters come from an answer: what names a person is sent once and not kept.
std::variant<json::object, Failure> asked_parameters(const Line& line, const Command& command,
                                                     const Values& values, Surroundings& around) {
  const auto request = build_request(command, values);
  if (!request.ok()) return failure_of(request.error());
  json::object body;
  for (const Argument& argument : command.arguments) {
    if (argument.target != Target::body_secret_file) continue;
    auto text = read_secret(values.find(argument.name)->second, around.in);
    if (!text.ok()) {
      Failure failure = failure_of(text.error());
      failure.exit = ExitCode::usage;
      return failure;
    }
    body[argument.name] = *text;
    wipe(*text);
  }
  auto answer = line.call(command.role, "POST", request->target, body);
  if (auto* failure = std::get_if<Failure>(&answer)) return std::move(*failure);
  const json::value* found = find_path(std::get<Answer>(answer).document, "parameters");
  if (found == nullptr || !found->is_object()) {
    return failure_of(Error(Errc::internal, {}, "the daemon's answer has no parameters"));
  }
  return found->get_object();
}

std::variant<json::object, Failure> find_parameters(const Line& line, const Command& command,
                                                    const Values& values, Surroundings& around) {
  if (!command.path.empty()) return asked_parameters(line, command, values, around);
  auto parameters = parameters_of(command, values);
  if (parameters.ok()) return std::move(*parameters);
  Failure failure = failure_of(parameters.error());
  // Nobody was asked: what was named here is at fault.
  if (parameters.error().code() == Errc::io_failure ||
      parameters.error().code() == Errc::not_found) {
    failure.exit = ExitCode::usage;
  }
  return failure;
}

void show(const Command& command, const json::value& document, const GlobalOptions& global,
          Surroundings& around) {
  around.out << (global.output == Output::json ? render_json(document, command.schema)
                                               : render(document, command.view, {}));
}

// The lines that the requester typed must be those that are signed.
bool states(const std::string& text, const std::string& line) {
  return text.find("\n" + line + "\n") != std::string::npos;
}

void tell_pending(const json::value& document, Surroundings& around) {
  const std::string number = printable(text_of_member(document, "number"));
  around.err << fmt::format(
      "Request {} made; {} approval(s) by other people ({}) needed before {}.\n"
      "  Approver runs:  florin request approve {} --digest {}\n",
      number, format_value(find_path(document, "approvals_needed"), Format::text),
      printable(text_of_member(document, "approver_roles")),
      format_value(find_path(document, "approve_before"), Format::time), number,
      printable(text_of_member(document, "digest").substr(0, kShortestDigest * 2)));
}

Role role_of(std::size_t index) {
  constexpr std::array order = {Role::admin, Role::custodian, Role::operating};
  return order[index];
}
constexpr std::size_t kActingRoles = 3;

/// The first socket of an acting role that shows the request to this account.
std::variant<std::pair<Role, json::value>, Failure> find_request(const Line& line,
                                                                 const std::string& request) {
  Failure last;
  for (std::size_t i = 0; i < kActingRoles; ++i) {
    auto answer = line.call(role_of(i), "GET", "/operator/v1/requests/" + request);
    if (auto* found = std::get_if<Answer>(&answer)) {
      return std::pair(role_of(i), std::move(found->document));
    }
    last = std::get<Failure>(std::move(answer));
    if (last.exit != ExitCode::permission && last.exit != ExitCode::unreachable) break;
  }
  return last;
}

RequestAct act_of(Local local) {
  switch (local) {
    case Local::reject:
      return RequestAct::reject;
    case Local::cancel:
      return RequestAct::cancel;
    case Local::execute:
      return RequestAct::execute;
    default:
      return RequestAct::approve;
  }
}

// An approver names the digest of the text that was read, or reads it here.
Result<void> check_read(RequestAct act, const Shown& shown, const Values& values,
                        const GlobalOptions& global, Surroundings& around) {
  const std::string hex = to_hex(shown.digest);
  if (const auto given = values.find("digest"); given != values.end()) {
    const std::string& prefix = given->second;
    if (prefix.size() < kShortestDigest) {
      return Error(Errc::malformed_value, "--digest", "has to have 8 digits or more");
    }
    if (hex.starts_with(prefix)) return {};
    return Error(Errc::state_conflict, "--digest",
                 "the request has another digest: " + hex + "; look at it again");
  }
  const bool asks = !global.no_input && around.ask != nullptr;
  if (act == RequestAct::approve && !asks) {
    return Error(Errc::field_missing, "--digest",
                 "is needed, since nobody can be asked: it tells which text was read");
  }
  if (!asks) return {};
  around.err << printable_lines(shown.text, {}) << "digest " << hex << "\n";
  return confirm(std::string(domain::request_act_name(act)) + " this?", {}, values, global, around);
}

void tell_outcome(RequestAct act, const json::value& document, Surroundings& around) {
  const std::string number = printable(text_of_member(document, "number"));
  const std::string state = printable(text_of_member(document, "state"));
  if (act == RequestAct::approve) {
    around.err << fmt::format("{}: {} of {} approvals; {}.\n", number,
                              format_value(find_path(document, "approvals_given"), Format::text),
                              format_value(find_path(document, "approvals_needed"), Format::text),
                              state);
    if (state == "approved") {
      around.err << "  Carried out by:  florin request execute " << number << "\n";
    }
    return;
  }
  around.err << number << ": " << state << ".\n";
}

}  // namespace

ExitCode ask_for_operation(const CommandCall& call, const Values& values,
                           const GlobalOptions& global, const fs::path& directory,
                           Surroundings& around) {
  const Command& command = *call.command;
  const auto key = signing_key(values, around);
  if (!key.ok()) return fail(key.error(), global, around);
  const Line line(directory, global.timeout.value_or(command.timeout));
  const auto parameters = find_parameters(line, command, values, around);
  if (const auto* failure = std::get_if<Failure>(&parameters))
    return fail(*failure, global, around);
  const std::string& reason = values.find("reason")->second;
  json::object body{{"operation", command.operation},
                    {"parameters", std::get<json::object>(parameters)},
                    {"reason", reason},
                    {"person", key->name}};
  const auto previewed = line.call(command.role, "POST", "/operator/v1/requests/preview", body);
  if (const auto* failure = std::get_if<Failure>(&previewed)) return fail(*failure, global, around);
  const json::value& preview = std::get<Answer>(previewed).document;
  const auto shown = check_shown(preview);
  if (!shown.ok()) return fail(shown.error(), global, around);
  const std::string consequence = text_of_member(preview, "consequence");
  if (!states(shown->text, "operation " + std::string(command.operation)) ||
      !states(shown->text, "reason " + domain::line_text(reason)) ||
      !states(shown->text, "consequence " + domain::line_text(consequence))) {
    return fail(Error(Errc::internal, {}, "the daemon shows another request than was asked for"),
                global, around);
  }
  // Parameters too are read here, before the passphrase is typed.
  around.err << printable_lines(shown->text, {});
  const auto agreed =
      confirm("Ask for it?", text_of_member(preview, "confirmation"), values, global, around);
  if (!agreed.ok()) return fail(agreed.error(), global, around);
  const std::string id = text_of_member(preview, "request");
  const auto signature =
      sign(*key, domain::signed_text(RequestAct::request, id, shown->digest, key->name, key->key),
           values, global, around);
  if (!signature.ok()) return fail(signature.error(), global, around);
  body["request"] = id;
  body["requested_at"] = text_of_member(preview, "requested_at");
  body["signature"] = *signature;
  const auto made = line.call(command.role, "POST", "/operator/v1/requests", body);
  if (const auto* failure = std::get_if<Failure>(&made)) return fail(*failure, global, around);
  const json::value& document = std::get<Answer>(made).document;
  show(command, document, global, around);
  if (!global.quiet) tell_pending(document, around);
  return ExitCode::approval_pending;
}

ExitCode act_on_request(const CommandCall& call, const Values& values, const GlobalOptions& global,
                        const fs::path& directory, Surroundings& around) {
  const Command& command = *call.command;
  const RequestAct act = act_of(command.local);
  // What cannot stand in a path is no name of a request.
  const auto path = build_request(command, values);
  if (!path.ok()) return fail(path.error(), global, around);
  const auto key = signing_key(values, around);
  if (!key.ok()) return fail(key.error(), global, around);
  const Line line(directory, global.timeout.value_or(command.timeout));
  const auto found = find_request(line, values.find("request")->second);
  if (const auto* failure = std::get_if<Failure>(&found)) return fail(*failure, global, around);
  const auto& [role, request] = std::get<std::pair<Role, json::value>>(found);
  const auto shown = check_shown(request);
  if (!shown.ok()) return fail(shown.error(), global, around);
  const auto read = check_read(act, *shown, values, global, around);
  if (!read.ok()) return fail(read.error(), global, around);
  const std::string id = text_of_member(request, "id");
  const auto given = values.find("reason");
  const std::string reason = given == values.end() ? std::string() : given->second;
  const auto signature =
      sign(*key, domain::signed_text(act, id, shown->digest, key->name, key->key, reason), values,
           global, around);
  if (!signature.ok()) return fail(signature.error(), global, around);
  json::object body{
      {"person", key->name}, {"digest", to_hex(shown->digest)}, {"signature", *signature}};
  if (!reason.empty()) body["reason"] = reason;
  const auto done = line.call(
      role, "POST", fmt::format("/operator/v1/requests/{}/{}", id, domain::request_act_name(act)),
      body);
  if (const auto* failure = std::get_if<Failure>(&done)) return fail(*failure, global, around);
  const Answer& answer = std::get<Answer>(done);
  show(command, answer.document, global, around);
  if (!global.quiet) tell_outcome(act, answer.document, around);
  return answer.status == 202 ? ExitCode::approval_pending : ExitCode::ok;
}

ExitCode enrol_person(const CommandCall& call, const Values& values, const GlobalOptions& global,
                      Surroundings& around) {
  const fs::path path = key_path(values, around);
  const auto words = passphrase(values, global, around, true);
  if (!words.ok()) return fail(words.error(), global, around);
  const auto made =
      enrol(values.find("name")->second, around.uid, *words, PassphraseCost{}, around.entropy);
  if (!made.ok()) return fail(made.error(), global, around);
  std::error_code failed;
  if (!path.parent_path().empty() && !fs::exists(path.parent_path(), failed)) {
    fs::create_directories(path.parent_path(), failed);
    fs::permissions(path.parent_path(), fs::perms::owner_all, failed);
  }
  const std::string part = domain::format_public_part(made->part);
  const auto out = values.find("out");
  if (out != values.end()) {
    const auto written = write_new_file(out->second, part, 0644);
    if (!written.ok()) return fail(written.error(), global, around);
  }
  const auto kept = write_new_file(path, format_person_key(made->key), 0600);
  if (!kept.ok()) {
    if (out != values.end()) fs::remove(out->second, failed);
    return fail(kept.error(), global, around);
  }
  json::object document{{"person", made->part.name},
                        {"uid", made->part.uid},
                        {"key", to_base64(made->part.key)},
                        {"key_file", path.string()}};
  if (out != values.end()) {
    document["public_file"] = out->second;
  } else {
    document["public"] = part;
  }
  if (global.output == Output::json || out != values.end()) {
    show(*call.command, document, global, around);
  } else {
    around.out << part;
  }
  if (!global.quiet) {
    around.err << "The key is in " << path.string()
               << ". Without the passphrase it is lost; hand over the public part alone.\n";
  }
  return ExitCode::ok;
}

}  // namespace florin::cli
