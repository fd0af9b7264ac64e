#pragma once
/// Something that may crash or hang, done in a process of its own.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim_support.h"

namespace florin::ledger::sim {

struct ChildEnd {
  int exit_code = -1;
  int signal = 0;  ///< that ended it; SIGALRM when it took too long
};

/// Runs `work` in a child whose output goes to the file `output`. Only while this process has one
/// thread.
template <class Work>
ChildEnd run_in_child(const std::filesystem::path& output, unsigned limit_s, const Work& work) {
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child < 0) std::abort();
  if (child == 0) {
    const int file = open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    dup2(file, STDOUT_FILENO);
    dup2(file, STDERR_FILENO);
    alarm(limit_s);
    const int code = work();
    std::fflush(nullptr);
    _exit(code);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child) std::abort();
  ChildEnd end;
  if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
  if (WIFEXITED(status)) end.exit_code = WEXITSTATUS(status);
  return end;
}

}  // namespace florin::ledger::sim
