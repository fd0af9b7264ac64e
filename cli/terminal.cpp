#include "cli/terminal.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

namespace florin::cli {
namespace {

constexpr std::size_t kMaxAnswer = 4096;

class Terminal {
 public:
  Terminal() : descriptor_(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) {}
  ~Terminal() {
    if (hidden_) ::tcsetattr(descriptor_, TCSAFLUSH, &before_);
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  [[nodiscard]] bool there() const { return descriptor_ >= 0; }
  void say(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t count = ::write(descriptor_, text.data(), text.size());
      if (count <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  void hide() {
    if (::tcgetattr(descriptor_, &before_) != 0) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    quiet.c_lflag |= ECHONL;
    hidden_ = ::tcsetattr(descriptor_, TCSAFLUSH, &quiet) == 0;
  }
  std::optional<std::string> line() const {
    std::string out;
    out.reserve(kMaxAnswer);
    for (;;) {
      char letter = 0;
      const ssize_t count = ::read(descriptor_, &letter, 1);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return std::nullopt;
      if (letter == '\n') return out;
      if (out.size() < kMaxAnswer) out += letter;
    }
  }

 private:
  int descriptor_;
  bool hidden_ = false;
  termios before_{};
};

}  // namespace

Ask controlling_terminal() {
  if (!Terminal().there()) return nullptr;
  return [](std::string_view prompt, bool hidden) -> std::optional<std::string> {
    Terminal terminal;
    if (!terminal.there()) return std::nullopt;
    terminal.say(prompt);
    if (hidden) terminal.hide();
    return terminal.line();
  };
}

}  // namespace florin::cli
