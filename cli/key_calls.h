#pragma once
/// `florin key bundle-import`: what it does needs files only, no daemon.
#include "cli/backup_calls.h"

namespace florin::cli {

struct BundleImportCall {
  std::string file;
  std::string target;  ///< a data directory without a keyring
};

/// Lays the bundle where the daemon's next start takes it in; only that start can check it, since
/// that takes the security module.
LocalOutcome import_bundle_call(const BundleImportCall& call, Output output);

}  // namespace florin::cli
