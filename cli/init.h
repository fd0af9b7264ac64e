#pragma once
/// `florin init --evaluation`: a folder with all that an evaluation instance needs to start.
#include <cstdint>
#include <filesystem>
#include <string>

#include "base/entropy.h"
#include "base/result.h"

namespace florin::cli {

struct InitOptions {
  std::filesystem::path directory;
  std::uint16_t api_port = 0;        ///< 0: any free one; the daemon writes it to run/api.port
  std::filesystem::path hsm_module;  ///< empty: where Debian puts SoftHSM
  std::uint32_t uid = 0;             ///< the person who gets every role
};

/// What was made, for the next steps.
struct Instance {
  std::filesystem::path directory;
  std::filesystem::path config;
  std::filesystem::path run_directory;
  std::filesystem::path softhsm_config;
  std::filesystem::path so_pin;
  std::filesystem::path user_pin;
  std::string token;
};

/// Makes the folder (0700) with data, run, tls, tokens, exports and backups, random PINs (0400),
/// the software token's configuration and florind.conf. On an error nothing of it stays behind.
/// Errors: `state_conflict` (the folder exists and is not empty), `hsm_module` (not found),
/// `malformed_value`, `io_failure`.
Result<Instance> init_evaluation(const InitOptions& options, Entropy& entropy);

}  // namespace florin::cli
