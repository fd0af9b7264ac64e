#pragma once
/// The commands of `florin` as data: words, options, the request they become and how its answer is
/// shown.
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/view.h"

namespace florin::cli {

/// Which socket a command uses: the least role that may run it.
enum class Role : std::uint8_t { auditor, operating, custodian, admin };
/// The socket's file name without ".sock"; also the suffix of the group that may open it.
std::string_view role_name(Role role) noexcept;

/// Where an argument goes.
enum class Target : std::uint8_t {
  path,              ///< fills {name} in the path
  query,             ///< a query parameter
  body,              ///< a member of the JSON body
  body_file,         ///< names a file whose text, of several lines, becomes the member
  body_file_digest,  ///< names a file of any size, whose SHA-256 in hexadecimal becomes the member
  body_secret_file,  ///< names a file (or - for standard input) whose text becomes the member
  secret_out,        ///< names a new file that takes the answer's secret instead of the screen
  text_out,          ///< names a new file that takes the answer's member of this name
  local,             ///< read here, never sent as it is
};

struct Argument {
  std::string_view name;    ///< member, parameter or path field, e.g. "so_pin"
  std::string_view option;  ///< "--so-pin-file"; empty: positional
  std::string_view help;
  Target target = Target::body;
  bool required = true;
  std::string_view environment;  ///< read when the option is absent
  std::string_view fallback;     ///< used when nothing was given; "=name" copies another argument
  bool number = false;           ///< a positive integer
  std::vector<std::string_view> choices;
  bool flag = false;  ///< takes no value; "true" when it was given
};

/// What is done here besides one request and one answer.
enum class Local : std::uint8_t { none, enrol, approve, reject, cancel, execute };

struct Command {
  std::string_view noun;
  std::string_view verb;  ///< empty for one-word commands
  std::string_view summary;
  std::string_view schema;  ///< schema id put into JSON answers that bring none
  Role role = Role::auditor;
  std::string_view method = "GET";
  std::string_view path;
  std::vector<Argument> arguments;
  View view;
  std::string_view example;
  std::chrono::milliseconds timeout{30'000};
  std::string_view notice = {};  ///< said on standard error after success
  /// Needs two people: the command asks for this operation instead of giving an order. All its
  /// arguments but local ones are the operation's parameters, as texts; what signing needs is added
  /// to them. With a path, that is asked first, and the parameters are those of its answer. The
  /// view shows the request.
  std::string_view operation = {};
  Local local = Local::none;
};

/// `--tenant` and `--mode`, which every command below a tenant has.
Argument tenant_argument(Target target = Target::path);
Argument mode_argument(Target target = Target::path);
Argument limit_argument();
Argument cursor_argument();

std::vector<Command> status_commands();
std::vector<Command> config_commands();
std::vector<Command> hsm_commands();
std::vector<Command> tenant_commands();
std::vector<Command> merchant_commands();
std::vector<Command> credential_commands();
std::vector<Command> connector_commands();
std::vector<Command> schema_commands();
std::vector<Command> webhook_commands();
std::vector<Command> payment_commands();
std::vector<Command> ledger_commands();
std::vector<Command> audit_commands();
std::vector<Command> backup_commands();
std::vector<Command> key_commands();
std::vector<Command> request_commands();
std::vector<Command> role_commands();

/// All of the above, in the order of the help.
const std::vector<Command>& commands();
/// What a noun is about, for the help.
std::string_view noun_summary(std::string_view noun) noexcept;

}  // namespace florin::cli
