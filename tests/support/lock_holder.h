#pragma once
/// Another process that locks a SoftHSM token's files, so that calls into the module hang.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace florin::test_support {

// Holds a write lock on the token's files from another process, which blocks every use of a token
// key for as long as it lasts.
class LockHolder {
 public:
  explicit LockHolder(std::filesystem::path tokens) {
    if (pipe(commands_) != 0 || pipe(answers_) != 0) std::abort();
    child_ = fork();
    if (child_ == 0) serve(tokens);
  }
  LockHolder(const LockHolder&) = delete;
  LockHolder& operator=(const LockHolder&) = delete;
  ~LockHolder() {
    release();
    for (const int file : {commands_[0], answers_[0], answers_[1]}) close(file);
  }
  void lock() {
    char answer = 0;
    ASSERT_EQ(write(commands_[1], "L", 1), 1);
    ASSERT_EQ(read(answers_[0], &answer, 1), 1);
    ASSERT_EQ(answer, 'L');
  }
  void release() {
    if (child_ <= 0) return;
    close(commands_[1]);
    int status = 0;
    waitpid(child_, &status, 0);
    child_ = -1;
  }

 private:
  [[noreturn]] void serve(const std::filesystem::path& tokens) {
    close(commands_[1]);
    char command = 0;
    if (read(commands_[0], &command, 1) != 1) _exit(0);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(tokens)) {
      if (!entry.is_regular_file()) continue;
      struct flock lock{};
      lock.l_type = F_WRLCK;
      const int file = ::open(entry.path().c_str(), O_RDWR);
      if (file < 0 || fcntl(file, F_SETLKW, &lock) != 0) _exit(1);
    }
    if (write(answers_[1], "L", 1) != 1) _exit(1);
    while (read(commands_[0], &command, 1) > 0) {
    }
    _exit(0);
  }
  int commands_[2] = {};
  int answers_[2] = {};
  pid_t child_ = -1;
};

}  // namespace florin::test_support
