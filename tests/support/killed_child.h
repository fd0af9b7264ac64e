#pragma once
/// A process that tells of each of its steps and is killed behind one of them.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <functional>

namespace florin::test {

/// Runs `work` in a child, which calls `step` again and again and never returns, and kills it when
/// it has told of `steps` steps: it is somewhere behind that one by then, and where is chance. No
/// thread runs meanwhile in this process.
inline void kill_child_behind(unsigned steps,
                              const std::function<void(std::function<void()> step)>& work) {
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe(pipe.data()), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::close(pipe[0]);
    work([out = pipe[1]] {
      const char one = '.';
      if (::write(out, &one, 1) != 1) ::_exit(99);
    });
    ::_exit(98);
  }
  ::close(pipe[1]);
  char one = 0;
  for (unsigned i = 0; i < steps; ++i) {
    if (::read(pipe[0], &one, 1) != 1) break;
  }
  EXPECT_EQ(::kill(child, SIGKILL), 0);
  ::close(pipe[0]);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << WEXITSTATUS(status);
}

}  // namespace florin::test
