#pragma once
/// One run of `florin`, with everything around it as parameters, so that tests see all of it.
#include <istream>
#include <ostream>
#include <string>
#include <vector>

#include "base/entropy.h"
#include "cli/arguments.h"
#include "cli/exit_code.h"
#include "cli/terminal.h"

namespace florin::cli {

struct Surroundings {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  Environment environment;
  Entropy& entropy;
  std::uint32_t uid = 0;
  bool terminal = false;        ///< standard output is a person's screen
  bool input_terminal = false;  ///< standard input is a person's keyboard
  Ask ask = nullptr;            ///< null when nobody can be asked
};

/// `arguments` without the program's name.
ExitCode run(std::vector<std::string> arguments, Surroundings& around);

}  // namespace florin::cli
