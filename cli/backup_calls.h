#pragma once
/// `florin backup verify` and `florin backup restore`: what they do needs files only, no daemon.
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "cli/exit_code.h"
#include "cli/failure.h"

namespace florin::cli {

struct BackupVerifyCall {
  std::string directory;
  std::string key_file;  ///< PEM; empty: the key in the backup
};

struct BackupRestoreCall {
  std::string directory;
  std::string key_file;
  std::string target;
  std::vector<std::string> sizes;  ///< LEDGER=SEQ
};

/// What a call ends with: a text for standard output, or a failure.
struct LocalOutcome {
  ExitCode exit = ExitCode::ok;
  std::string text;
  std::optional<Failure> failure;
};

LocalOutcome verify_backup_call(const BackupVerifyCall& call, Output output);
LocalOutcome restore_backup_call(const BackupRestoreCall& call, Output output);

}  // namespace florin::cli
