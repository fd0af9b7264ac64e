#pragma once
/// Exit statuses of florin-verify.

namespace florin::verify {

enum ExitCode : int {
  exit_ok = 0,
  exit_internal = 1,
  exit_usage = 2,
  exit_bad = 3,
  exit_interrupted = 4
};

}  // namespace florin::verify
