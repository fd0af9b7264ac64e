/// florin: the operator's command line.
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <iostream>

#include "cli/run.h"

int main(int argc, char** argv) {
  try {
    florin::SystemEntropy entropy;
    florin::cli::Surroundings around{
        .in = std::cin,
        .out = std::cout,
        .err = std::cerr,
        .environment = [](const std::string& name) -> std::optional<std::string> {
          const char* value = std::getenv(name.c_str());
          if (value == nullptr) return std::nullopt;
          return std::string(value);
        },
        .entropy = entropy,
        .uid = static_cast<std::uint32_t>(::geteuid()),
        .terminal = ::isatty(STDOUT_FILENO) == 1,
        .input_terminal = ::isatty(STDIN_FILENO) == 1,
        .ask = florin::cli::controlling_terminal()};
    const auto code = florin::cli::run(std::vector<std::string>(argv + 1, argv + argc), around);
    std::cout.flush();
    // A full disk or closed pipe must not look like success.
    if (!std::cout.good()) return static_cast<int>(florin::cli::ExitCode::internal);
    return static_cast<int>(code);
  } catch (const std::exception& error) {
    std::cerr << "florin: internal error: " << error.what() << "\n";
    return static_cast<int>(florin::cli::ExitCode::internal);
  }
}
