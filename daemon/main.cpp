#include <fmt/format.h>
#include <openssl/crypto.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/variables_map.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <iostream>

#include "base/log.h"
#include "daemon/app.h"
#include "daemon/certificate_folder.h"
#include "daemon/config.h"
#include "daemon/key_wiring.h"
#include "daemon/version.h"

namespace {

namespace po = boost::program_options;

// Exit codes after sysexits.h, as the unit's RestartPreventExitStatus and florind(8) name them.
constexpr int kExitUsage = 64;
constexpr int kExitData = 65;
constexpr int kExitUnavailable = 69;
constexpr int kExitInternal = 70;
constexpr int kExitDenied = 77;
constexpr int kExitConfig = 78;

int exit_code(const florin::Error& error) {
  using florin::Errc;
  if (error.code() == Errc::config_invalid) return kExitConfig;
  if (error.code() == Errc::hsm_pin_incorrect) return kExitDenied;
  switch (error.error_class()) {
    case florin::ErrorClass::corrupt:
      return kExitData;
    case florin::ErrorClass::internal:
      return kExitInternal;
    default:
      return kExitUnavailable;
  }
}

int complain(const florin::Error& error) {
  florin::log_error("daemon.exit", error);
  std::fprintf(stderr, "florind: %s%s%s\n", error.message().c_str(),
               error.detail().empty() ? "" : ": ", error.detail().c_str());
  return exit_code(error);
}

// Secrets must not reach a core file, nor anybody who attaches.
void protect_process() {
  ::umask(0077);
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
}

struct Options {
  std::string config;
  std::vector<std::string> overrides;
  bool check = false;
  std::int32_t reload = 0;  ///< a process to ask, instead of being one
};

// The service manager has no shell to send signals with.
int ask_to_reload(std::int32_t process) {
  if (::kill(process, SIGHUP) == 0) return 0;
  std::cerr << "florind: process " << process << ": " << std::strerror(errno) << "\n";
  return kExitUnavailable;
}

// Returns an exit code when there is nothing more to do.
std::optional<int> parse_options(int argc, char** argv, Options& options) {
  po::options_description known("florind, the payment orchestration daemon\n\nOptions");
  known.add_options()("config", po::value(&options.config), "configuration file (required)")(
      "set", po::value(&options.overrides)->composing(),
      "section.key=value, instead of the file's")("check-config", po::bool_switch(&options.check),
                                                  "check the configuration and exit")(
      "reload", po::value(&options.reload),
      "ask the daemon with this process number to read its certificates again")(
      "version", "print the version")("help", "print this");
  try {
    po::variables_map values;
    po::store(po::command_line_parser(argc, argv).options(known).run(), values);
    po::notify(values);
    if (values.contains("help")) {
      std::cout << known;
      return 0;
    }
    if (values.contains("version")) {
      std::cout << "florind " << florin::kVersion << "\n";
      return 0;
    }
  } catch (const po::error& wrong) {
    std::cerr << "florind: " << wrong.what() << "\n";
    return kExitUsage;
  }
  if (options.reload > 0) return ask_to_reload(options.reload);
  if (!options.config.empty()) return std::nullopt;
  std::cerr << "florind: --config FILE is required (see --help)\n";
  return kExitUsage;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (const auto code = parse_options(argc, argv, options)) return *code;
  protect_process();
  auto config = florin::load_config(options.config, options.overrides);
  if (!config.ok()) return complain(config.error());
  if (options.check) {
    auto files = florin::read_certificate_folder(*config);
    if (!files.ok()) return complain(files.error());
    if (auto good = florin::net::Certificates::load(*files); !good.ok()) {
      return complain(good.error());
    }
    std::cout << options.config << ": good\n";
    return 0;
  }
  if (auto locked = florin::lock_memory_for_keys(); !locked.ok()) return complain(locked.error());
  // The border at which what should never be thrown is caught.
  try {
    florin::App app(std::move(*config));
    const auto ended = app.run();
    const int code = ended.ok() ? 0 : complain(ended.error());
    if (app.stuck()) ::_exit(code);
    return code;
  } catch (const std::exception& error) {
    return complain(florin::Error(florin::Errc::internal, {}, {}, error.what()));
  }
}
