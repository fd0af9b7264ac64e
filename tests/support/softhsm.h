#pragma once
/// A SoftHSM of its own for one test: fresh token directory, own configuration, thrown away after.
/// One test at a time uses it, since the module is configured once per process start of the module.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/clock.h"
#include "base/entropy.h"
#include "base/secret.h"
#include "hsm/ceremony.h"
#include "hsm/hsm.h"

namespace florin::test_support {

/// Runs a shell command; gives what it printed, and its exit status.
struct CommandResult {
  int status = -1;
  std::string output;
};
inline CommandResult run_command(const std::string& command) {
  CommandResult result;
  FILE* const pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return result;
  std::array<char, 4096> buffer{};
  while (std::fgets(buffer.data(), static_cast<int>(buffer.size()), pipe) != nullptr) {
    result.output += buffer.data();
  }
  const int status = pclose(pipe);
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return result;
}

class SoftHsm {
 public:
  static constexpr const char* kLabel = "florin test";
  static constexpr const char* kPin = "0123456789abcdef0123456789abcdef";
  static constexpr const char* kSoPin = "so-0123456789abcdef";

  SoftHsm() {
    std::string pattern = (std::filesystem::temp_directory_path() / "florin-hsm-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) std::abort();
    directory_ = pattern;
    std::filesystem::create_directory(tokens());
    std::filesystem::permissions(tokens(), std::filesystem::perms::owner_all);
    write_file("softhsm2.conf",
               "directories.tokendir = " + tokens().string() +
                   "\nobjectstore.backend = file\nlog.level = ERROR\nslots.removable = false\n");
    setenv("SOFTHSM2_CONF", (directory_ / "softhsm2.conf").c_str(), 1);
    write_pin(kPin);
  }
  SoftHsm(const SoftHsm&) = delete;
  SoftHsm& operator=(const SoftHsm&) = delete;
  ~SoftHsm() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  static std::string module_path() {
    for (const char* path :
         {"/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"}) {
      if (std::filesystem::exists(path)) return path;
    }
    return {};
  }
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }
  [[nodiscard]] std::filesystem::path tokens() const { return directory_ / "tokens"; }
  [[nodiscard]] std::filesystem::path pin_file() const { return directory_ / "pin"; }
  [[nodiscard]] static Secret pin() { return Secret(view_of(kPin)); }
  [[nodiscard]] static Secret so_pin() { return Secret(view_of(kSoPin)); }

  /// The timeout is generous: what a test measures is never the speed of a busy machine.
  [[nodiscard]] hsm::Config config() const {
    hsm::Config config;
    config.module_path = module_path();
    config.uri = "pkcs11:token=florin%20test";
    config.pin_source = "file:" + pin_file().string();
    config.op_timeout = std::chrono::milliseconds(20'000);
    return config;
  }
  void write_pin(const std::string& text, unsigned mode = 0600) const {
    write_file("pin", text + "\n");
    if (chmod(pin_file().c_str(), mode) != 0) std::abort();
  }
  std::filesystem::path write_file(const std::string& name, const std::string& text) const {
    const std::filesystem::path path = directory_ / name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  /// Token and keys, as `florin init` makes them.
  void initialise() {
    const auto token =
        hsm::initialise_token(config(), so_pin(), pin(), hsm::TokenOrigin::fresh, gate);
    ASSERT_TRUE(token.ok()) << token.error().to_log();
    const auto keys = hsm::create_keys(config(), pin(), gate, entropy);
    ASSERT_TRUE(keys.ok()) << keys.error().to_log();
  }
  Result<std::unique_ptr<hsm::Hsm>> open() {
    return hsm::Hsm::open(config(), gate, entropy, clock);
  }
  /// OpenSC's tool, logged in, in a process of its own.
  [[nodiscard]] CommandResult pkcs11_tool(const std::string& arguments) const {
    return run_command("pkcs11-tool --module " + module_path() + " --token-label '" + kLabel +
                       "' --login --pin " + kPin + " " + arguments);
  }

  hsm::LoginGate gate;
  SystemEntropy entropy;
  SystemClock clock;

 private:
  std::filesystem::path directory_;
};

/// An open Hsm that is shut down even when an assertion leaves the test early, so that tests can
/// share a process.
class OpenHsm {
 public:
  explicit OpenHsm(SoftHsm& token) : opened_(token.open()) {}
  OpenHsm(const OpenHsm&) = delete;
  OpenHsm& operator=(const OpenHsm&) = delete;
  ~OpenHsm() {
    if (opened_.ok()) {
      EXPECT_TRUE((*opened_)->shutdown().ok());
    }
  }
  [[nodiscard]] bool ok() const { return opened_.ok(); }
  [[nodiscard]] std::string why() const {
    return opened_.ok() ? std::string() : opened_.error().to_log();
  }
  hsm::Hsm& operator*() { return **opened_; }
  hsm::Hsm* operator->() { return opened_->get(); }

 private:
  Result<std::unique_ptr<hsm::Hsm>> opened_;
};

}  // namespace florin::test_support
