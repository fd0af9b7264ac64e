#pragma once
/// What the operator configures: a file of sections and keys, and options of the same names.
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "daemon/engine/line_guard.h"

namespace florin {

struct Config {
  std::filesystem::path data_directory;
  std::filesystem::path run_directory;
  bool evaluation = false;
  std::set<std::uint32_t> evaluation_uids;  ///< hold every role in an evaluation instance
  std::string brand;                        ///< the operator's, for user agents

  std::string api_address;
  std::uint16_t api_port = 0;  ///< 0 = any free; written to <run_directory>/api.port
  std::filesystem::path certificate;
  std::filesystem::path private_key;
  std::filesystem::path certificates;  ///< a folder for each domain; empty = there are none

  /// Where PSPs tell what happened; empty = nowhere.
  std::string notices_address;
  std::uint16_t notices_port = 0;  ///< 0 = any free; written to <run_directory>/notices.port
  std::filesystem::path notices_certificate;  ///< empty = the certificates of the API
  std::filesystem::path notices_private_key;

  std::string hsm_module;
  std::string hsm_module_sha256;  ///< empty = not pinned
  std::string hsm_uri;
  std::string hsm_pin_source;
  std::chrono::milliseconds hsm_timeout{250};
  std::size_t hsm_lanes = 1;
  std::chrono::seconds hsm_grace{900};  ///< service from open keys after the module was lost
  std::chrono::milliseconds hsm_probe_interval{5000};
  std::chrono::milliseconds hsm_restart_interval{30'000};
  std::chrono::milliseconds hsm_stuck_limit{60'000};  ///< then the process ends

  std::filesystem::path trusted_roots;  ///< empty = the system's
  bool allow_private_addresses = false;

  std::filesystem::path export_directory;
  std::filesystem::path backup_directory;  ///< empty = backups are not made here
  std::string origin;
  std::chrono::milliseconds checkpoint_interval{1000};
  std::chrono::seconds max_unsigned{
      900};  ///< entries without a signed checkpoint, then no new work

  std::chrono::milliseconds connector_deadline{8000};
  std::chrono::seconds confirm_within{1800};  ///< how long a payment waits for its confirmation
  std::vector<std::string> egress_hosts;      ///< of acquirers; empty = any
  engine::LineLimits line_limits;             ///< of each connector

  std::chrono::seconds approve_within{24 * 3600};  ///< requests that two people need
  std::chrono::seconds execute_within{3600};       ///< after the approval
  bool execute_on_approval = true;
};

/// Reads the file, then the overrides ("section.key=value", later wins). Every error names file,
/// line and key, and for an unknown key the nearest known one. Error: `config_invalid`.
Result<Config> load_config(const std::filesystem::path& file,
                           const std::vector<std::string>& overrides);

/// All known keys, "section.key".
std::vector<std::string> config_keys();

}  // namespace florin
