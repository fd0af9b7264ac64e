#pragma once
/// The command line as a value. Pure: the environment comes as a function.
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cli/backup_calls.h"
#include "cli/key_calls.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/init.h"
#include "cli/request.h"

namespace florin::cli {

using Environment = std::function<std::optional<std::string>(const std::string& name)>;

struct GlobalOptions {
  Output output = Output::table;
  std::string run_directory;
  std::string config;
  bool quiet = false;
  std::optional<std::chrono::milliseconds> timeout;
};

/// A command of the table; secret files are still names in `values`.
struct CommandCall {
  const Command* command = nullptr;
  Values values;
};
struct InitCall {
  bool evaluation = false;
  InitOptions options;
};
/// Nothing to do but to print: help, version, or what was wrong.
struct Print {
  ExitCode code = ExitCode::ok;
  std::string text;
};

struct Invocation {
  GlobalOptions global;
  std::variant<Print, CommandCall, InitCall, BackupVerifyCall, BackupRestoreCall, BundleImportCall>
      call;
};

/// `arguments` without the program's name.
Invocation parse_arguments(std::vector<std::string> arguments, const Environment& environment);
/// "30s", "500ms", "2m", or seconds. Error: `malformed_value`.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);

}  // namespace florin::cli
