#include "cli/init.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "cli/new_file.h"

namespace florin::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 3> kSoftHsmPlaces{
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
};

std::string random_hex(Entropy& entropy, std::size_t bytes) {
  Bytes random(bytes);
  entropy.fill(random);
  return to_hex(random);
}

Result<fs::path> find_module(const fs::path& wanted) {
  std::error_code ignored;
  if (!wanted.empty()) {
    if (fs::is_regular_file(wanted, ignored)) return fs::absolute(wanted);
    return Error(Errc::hsm_module, "--hsm-module", wanted.string() + " is not a file");
  }
  for (const std::string_view place : kSoftHsmPlaces) {
    if (fs::is_regular_file(place, ignored)) return fs::path(place);
  }
  return Error(Errc::hsm_module, "--hsm-module",
               "no SoftHSM found: install softhsm2, or name the module with --hsm-module");
}

Result<void> make_directory(const fs::path& path) {
  if (::mkdir(path.c_str(), 0700) == 0) return {};
  return Error(Errc::io_failure, path.string(), std::strerror(errno));
}

std::string config_text(const InitOptions& options, const Instance& instance,
                        const fs::path& module) {
  const std::string base = instance.directory.string();
  return fmt::format(R"(# An evaluation instance: for trying, never for production.
[instance]
data_directory = {0}/data
run_directory = {0}/run
evaluation = true
evaluation_uids = {1}
brand = evaluation

[api]
address = 127.0.0.1
port = {2}
certificate = {0}/tls/server.pem
private_key = {0}/tls/server.key

[hsm]
module = {3}
uri = pkcs11:token={4}
pin_source = file:{0}/user.pin
timeout_ms = 2000

[egress]
trusted_roots = {0}/tls/ca.pem
allow_private_addresses = true

[audit]
export_directory = {0}/exports
origin = evaluation.invalid/ledger
checkpoint_interval_ms = 1000

[backup]
directory = {0}/backups

[payments]
connector_deadline_ms = 8000
)",
                     base, options.uid, options.api_port, module.string(), instance.token);
}

std::string softhsm_text(const fs::path& directory) {
  return fmt::format(
      "directories.tokendir = {}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n"
      "slots.removable = false\n",
      directory.string());
}

Result<void> fill(const InitOptions& options, const Instance& instance, const fs::path& module,
                  Entropy& entropy) {
  for (const char* name : {"data", "run", "tls", "tokens", "exports", "backups"}) {
    FLORIN_TRY_VOID(make_directory(instance.directory / name));
  }
  FLORIN_TRY_VOID(write_new_file(instance.so_pin, random_hex(entropy, 32) + "\n", 0400));
  FLORIN_TRY_VOID(write_new_file(instance.user_pin, random_hex(entropy, 32) + "\n", 0400));
  FLORIN_TRY_VOID(write_new_file(instance.softhsm_config, softhsm_text(instance.directory), 0600));
  return write_new_file(instance.config, config_text(options, instance, module), 0600);
}

Result<fs::path> checked_directory(const fs::path& wanted) {
  if (wanted.empty()) return Error(Errc::field_missing, "--dir", "is required");
  fs::path path = fs::absolute(wanted).lexically_normal();
  if (path.filename().empty()) path = path.parent_path();
  // The configuration file gives these characters a meaning.
  if (path.native().find_first_of("#;\"\n\r\\") != std::string::npos) {
    return Error(Errc::malformed_value, "--dir", "must not contain # ; \" \\ or line ends");
  }
  return path;
}

}  // namespace

Result<Instance> init_evaluation(const InitOptions& options, Entropy& entropy) {
  FLORIN_TRY(const fs::path directory, checked_directory(options.directory));
  FLORIN_TRY(const fs::path module, find_module(options.hsm_module));
  std::error_code failed;
  const bool existed = fs::exists(directory, failed);
  if (existed && (!fs::is_directory(directory, failed) || !fs::is_empty(directory, failed))) {
    return Error(Errc::state_conflict, directory.string(),
                 "exists and is not an empty directory; nothing was changed");
  }
  if (existed) {
    fs::permissions(directory, fs::perms::owner_all, failed);
  } else {
    fs::create_directories(directory.parent_path(), failed);
    FLORIN_TRY_VOID(make_directory(directory));
  }
  Instance instance{.directory = directory,
                    .config = directory / "florind.conf",
                    .run_directory = directory / "run",
                    .softhsm_config = directory / "softhsm2.conf",
                    .so_pin = directory / "so.pin",
                    .user_pin = directory / "user.pin",
                    .token = "evaluation-" + random_hex(entropy, 4)};
  if (Result<void> done = fill(options, instance, module, entropy); !done.ok()) {
    for (const auto& entry : fs::directory_iterator(directory, failed)) {
      fs::remove_all(entry.path(), failed);
    }
    if (!existed) fs::remove(directory, failed);
    return done.error();
  }
  return instance;
}

}  // namespace florin::cli
