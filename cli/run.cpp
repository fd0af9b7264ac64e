#include "cli/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>

#include "base/secret.h"
#include "cli/failure.h"
#include "cli/operation_call.h"
#include "cli/render.h"
#include "cli/secret_file.h"
#include "cli/signer.h"
#include "cli/text_file.h"
#include "cli/unix_client.h"

namespace florin::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDefaultRunDirectory = "/run/florin";

ExitCode fail(const Failure& failure, Output output, Surroundings& around) {
  around.err << format_failure(failure, output);
  return failure.exit;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

// Only this one key matters here; the daemon checks the rest of its file.
Result<std::string> run_directory_in(const std::string& config) {
  std::ifstream file(config);
  if (!file) return Error(Errc::io_failure, config, "cannot be read");
  std::string line;
  bool instance = false;
  while (std::getline(file, line)) {
    const std::string_view text = trimmed(line);
    if (text.starts_with('[')) instance = text == "[instance]";
    const std::size_t equals = text.find('=');
    if (!instance || equals == std::string_view::npos) continue;
    if (trimmed(text.substr(0, equals)) != "run_directory") continue;
    std::string_view value = trimmed(text.substr(equals + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    return std::string(value);
  }
  return Error(Errc::config_invalid, config, "has no run_directory in [instance]");
}

Result<fs::path> run_directory(const GlobalOptions& global, const Surroundings& around) {
  if (!global.run_directory.empty()) return fs::path(global.run_directory);
  if (!global.config.empty()) {
    FLORIN_TRY(const std::string directory, run_directory_in(global.config));
    return fs::path(directory);
  }
  if (auto given = around.environment("FLORIN_RUN_DIR"); given && !given->empty()) {
    return fs::path(*given);
  }
  return fs::path(kDefaultRunDirectory);
}

bool use_colour(const Surroundings& around) {
  const auto plain = around.environment("NO_COLOR");
  return around.terminal && !(plain && !plain->empty()) &&
         around.environment("TERM").value_or("") != "dumb";
}

// "so_pin" is asked for as "SO PIN: ".
std::string prompt_for(const Argument& argument) {
  std::string out;
  for (const char letter : argument.name) {
    out +=
        letter == '_' ? ' ' : static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  }
  return out + ": ";
}

Result<void> read_files(const Command& command, Values& values, const GlobalOptions& global,
                        Surroundings& around) {
  for (const Argument& argument : command.arguments) {
    const auto given = values.find(argument.name);
    if (given == values.end()) continue;
    std::string& value = given->second;
    if (argument.target == Target::body_file) {
      FLORIN_TRY(value, read_text_file(value));
    }
    if (argument.target != Target::body_secret_file) continue;
    if (!global.quiet && value != "-" && readable_by_others(value)) {
      around.err << "florin: notice: others can read " << printable(value) << "\n";
    }
    FLORIN_TRY(value, take_secret(value, argument.option, prompt_for(argument), global, around));
  }
  return {};
}

void wipe_secrets(const Command& command, Values& values) {
  for (const Argument& argument : command.arguments) {
    if (argument.target != Target::body_secret_file) continue;
    if (const auto found = values.find(argument.name); found != values.end()) wipe(found->second);
  }
}

// Moves a text of the answer to its file and names the file in its place.
Result<void> store_member(json::value& document, std::string_view name, NewSecretFile& file,
                          const std::string& path) {
  json::object* object = document.if_object();
  const json::value* member = object == nullptr ? nullptr : object->if_contains(name);
  if (member == nullptr || !member->is_string()) {
    return Error(Errc::internal, {}, "the daemon's answer has no " + std::string(name));
  }
  FLORIN_TRY_VOID(file.fill(std::string_view(member->get_string())));
  object->erase(name);
  (*object)[std::string(name) + "_file"] = path;
  return {};
}

ExitCode show(const Command& command, const json::value& document, const GlobalOptions& global,
              Surroundings& around) {
  if (global.output == Output::json) {
    around.out << render_json(document, command.schema);
  } else {
    around.out << render(document, command.view, {.colour = use_colour(around)});
    const json::value* next = find_path(document, "next");
    if (!global.quiet && next != nullptr && next->is_string()) {
      around.err << "more: --cursor " << printable(std::string_view(next->get_string())) << "\n";
    }
  }
  if (!global.quiet && !command.notice.empty()) around.err << command.notice << "\n";
  return ExitCode::ok;
}

bool is_refused(const Result<http::Response>& response) {
  return response.ok() ? response->status == 403
                       : response.error().code() == Errc::permission_denied;
}

Result<http::Response> ask(const CommandCall& call, Values values, const GlobalOptions& global,
                           const fs::path& directory, Surroundings& around) {
  const Command& command = *call.command;
  const Result<void> read = read_files(command, values, global, around);
  Result<http::Request> request = read.ok() ? build_request(command, values) : read.error();
  wipe_secrets(command, values);
  if (!request.ok()) return request.error();
  const auto through = [&](Role role) {
    return exchange(directory / (std::string(role_name(role)) + ".sock"), *request,
                    global.timeout.value_or(command.timeout));
  };
  Result<http::Response> response = through(command.role);
  // Every role may read, and nobody holds them all: another socket may be open to this account.
  for (const Role other : {Role::operating, Role::custodian, Role::admin}) {
    if (command.role != Role::auditor || !is_refused(response)) break;
    Result<http::Response> next = through(other);
    if (next.ok() && !is_refused(next)) response = std::move(next);
  }
  wipe(request->body);
  return response;
}

ExitCode run_command(const CommandCall& call, const GlobalOptions& global, Surroundings& around) {
  const Command& command = *call.command;
  const auto refuse = [&](const Error& error, std::string_view role = {}) {
    Failure failure = failure_of(error, role);
    // Without a role nobody was asked: a file that was named on the command line is at fault.
    if (role.empty() && error.code() == Errc::io_failure) failure.exit = ExitCode::usage;
    return fail(failure, global.output, around);
  };
  const Result<Values> values = complete_values(command, call.values);
  if (!values.ok()) return refuse(values.error());
  if (command.local == Local::enrol) return enrol_person(call, *values, global, around);
  const Result<fs::path> directory = run_directory(global, around);
  if (!directory.ok()) return refuse(directory.error());
  if (!command.operation.empty()) {
    return ask_for_operation(call, *values, global, *directory, around);
  }
  if (command.local != Local::none) {
    return act_on_request(call, *values, global, *directory, around);
  }

  const auto wanted_file = std::find_if(
      command.arguments.begin(), command.arguments.end(), [&](const Argument& argument) {
        return (argument.target == Target::secret_out || argument.target == Target::text_out) &&
               values->contains(argument.name);
      });
  std::optional<NewSecretFile> file;
  std::string file_path;
  if (wanted_file != command.arguments.end()) {
    file_path = values->find(wanted_file->name)->second;
    Result<NewSecretFile> created = NewSecretFile::create(file_path);
    if (!created.ok()) return refuse(created.error());
    file.emplace(std::move(created).value());
  }
  const Result<http::Response> response = ask(call, *values, global, *directory, around);
  if (!response.ok()) {
    const bool local = response.error().code() == Errc::malformed_value ||
                       response.error().code() == Errc::io_failure;
    return refuse(response.error(), local ? std::string_view{} : role_name(command.role));
  }
  if (response->status != 200 && response->status != 201) {
    return fail(failure_of(*response), global.output, around);
  }
  Result<json::value> document =
      json::parse(response->body, {.bytes = 64UL << 20, .members = 100'000});
  if (!document.ok()) return refuse(Error(Errc::internal, {}, "the daemon's answer is not JSON"));
  if (file && wanted_file->target == Target::secret_out &&
      find_path(*document, wanted_file->name) == nullptr) {
    // A credential whose proof is a certificate has none; the unfilled file goes away again.
    around.err << "florin: notice: there is no secret, so " << printable(file_path)
               << " was not written\n";
  } else if (file) {
    const auto stored = store_member(*document, wanted_file->name, *file, file_path);
    if (!stored.ok()) return refuse(stored.error());
  }
  return show(command, *document, global, around);
}

std::string next_steps(const Instance& made) {
  return fmt::format(R"(evaluation instance made in {0}
next:
  1. put the API's certificate and key into {0}/tls/server.pem and {0}/tls/server.key,
     and the roots that the daemon shall trust into {0}/tls/ca.pem
  2. SOFTHSM2_CONF={1} florind --config {2}
  3. two people make their keys: florin role enrol alice --key-file alice.key --out alice.pub
  4. florin --config {2} hsm init --so-pin-file {3} --first-person alice.pub --second-person bob.pub
  5. florin --config {2} status
)",
                     made.directory.string(), made.softhsm_config.string(), made.config.string(),
                     made.so_pin.string());
}

ExitCode run_init(InitCall call, const GlobalOptions& global, Surroundings& around) {
  if (!call.evaluation) {
    const Error error(Errc::malformed_value, {},
                      "only evaluation instances can be made here: add --evaluation");
    Failure failure = failure_of(error);
    failure.hint = "A production instance is set up by the installation package.";
    return fail(failure, global.output, around);
  }
  call.options.uid = around.uid;
  const Result<Instance> made = init_evaluation(call.options, around.entropy);
  if (!made.ok()) {
    Failure failure = failure_of(made.error());
    // Nothing answers here for an HSM: the module is an argument, or not installed.
    if (made.error().code() == Errc::io_failure) failure.exit = ExitCode::internal;
    return fail(failure, global.output, around);
  }
  if (global.output == Output::json) {
    around.out << json::write(json::object{{"schema", "florin.init/1"},
                                           {"directory", made->directory.string()},
                                           {"config", made->config.string()},
                                           {"run_directory", made->run_directory.string()},
                                           {"softhsm_config", made->softhsm_config.string()},
                                           {"so_pin_file", made->so_pin.string()},
                                           {"user_pin_file", made->user_pin.string()},
                                           {"token", made->token}})
               << "\n";
  } else {
    around.out << next_steps(*made);
  }
  return ExitCode::ok;
}

ExitCode finish_locally(const LocalOutcome& outcome, Output output, Surroundings& around) {
  if (outcome.failure) return fail(*outcome.failure, output, around);
  around.out << outcome.text;
  return outcome.exit;
}

}  // namespace

ExitCode run(std::vector<std::string> arguments, Surroundings& around) {
  const Invocation invocation = parse_arguments(std::move(arguments), around.environment);
  if (const auto* print = std::get_if<Print>(&invocation.call)) {
    if (print->code == ExitCode::ok) {
      around.out << print->text;
      return print->code;
    }
    return fail({.exit = print->code,
                 .code = "usage",
                 .message = print->text,
                 .hint = "See florin --help.",
                 .errors = {}},
                invocation.global.output, around);
  }
  if (const auto* init = std::get_if<InitCall>(&invocation.call)) {
    return run_init(*init, invocation.global, around);
  }
  const Output output = invocation.global.output;
  if (const auto* verify = std::get_if<BackupVerifyCall>(&invocation.call)) {
    return finish_locally(verify_backup_call(*verify, output), output, around);
  }
  if (const auto* restore = std::get_if<BackupRestoreCall>(&invocation.call)) {
    return finish_locally(restore_backup_call(*restore, output), output, around);
  }
  if (const auto* import = std::get_if<BundleImportCall>(&invocation.call)) {
    return finish_locally(import_bundle_call(*import, output), output, around);
  }
  return run_command(std::get<CommandCall>(invocation.call), invocation.global, around);
}

}  // namespace florin::cli
