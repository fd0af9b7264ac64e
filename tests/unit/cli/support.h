#pragma once
/// A run of the command line with everything around it, and a UNIX server of one answer.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "base/check.h"
#include "cli/run.h"

namespace florin::cli::test {

class Folder {
 public:
  Folder() {
    std::string name = "/tmp/flcli-XXXXXX";
    FLORIN_ASSERT(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

struct Outcome {
  ExitCode code{};
  std::string out;
  std::string err;
};

inline Outcome run_cli(std::vector<std::string> arguments,
                       std::map<std::string, std::string> environment = {},
                       const std::string& input = {}, Ask ask = nullptr,
                       bool input_terminal = false) {
  std::istringstream in(input);
  std::ostringstream out;
  std::ostringstream err;
  SystemEntropy entropy;
  Surroundings around{.in = in,
                      .out = out,
                      .err = err,
                      .environment = [&](const std::string& name) -> std::optional<std::string> {
                        const auto found = environment.find(name);
                        if (found == environment.end()) return std::nullopt;
                        return found->second;
                      },
                      .entropy = entropy,
                      .uid = 1234,
                      .input_terminal = input_terminal,
                      .ask = std::move(ask)};
  const ExitCode code = run(std::move(arguments), around);
  return {code, out.str(), err.str()};
}

/// Takes one connection, reads until the request ends with `until`, sends `answer` and closes. With
/// an empty answer it stays silent until the peer goes.
class OneAnswer {
 public:
  OneAnswer(const std::filesystem::path& socket, std::string answer, std::string until)
      : answer_(std::move(answer)), until_(std::move(until)) {
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, socket.c_str(), socket.native().size());
    const void* raw = &address;
    FLORIN_ASSERT(::bind(listener_, static_cast<const sockaddr*>(raw), sizeof(address)) == 0);
    FLORIN_ASSERT(::listen(listener_, 1) == 0);
    thread_ = std::thread([this] { serve(); });
  }
  OneAnswer(const OneAnswer&) = delete;
  OneAnswer& operator=(const OneAnswer&) = delete;
  ~OneAnswer() {
    ::shutdown(listener_, SHUT_RDWR);
    join();
    ::close(listener_);
  }
  /// Only after the client is done.
  const std::string& request() {
    join();
    return request_;
  }

 private:
  void join() {
    if (thread_.joinable()) thread_.join();
  }
  void serve() {
    const int peer = ::accept(listener_, nullptr, nullptr);
    if (peer < 0) return;
    char byte = 0;
    while (::read(peer, &byte, 1) == 1) {
      request_ += byte;
      if (!answer_.empty() && request_.ends_with(until_)) break;
    }
    // In two parts, so that the client has to join them.
    const std::size_t half = answer_.size() / 2;
    if (!answer_.empty()) {
      FLORIN_ASSERT(::send(peer, answer_.data(), half, MSG_NOSIGNAL) >= 0);
      FLORIN_ASSERT(::send(peer, answer_.data() + half, answer_.size() - half, MSG_NOSIGNAL) >= 0);
    }
    ::close(peer);
  }

  std::string answer_;
  std::string until_;
  std::string request_;
  int listener_ = -1;
  std::thread thread_;
};

inline std::string http_answer(int status, const std::string& body,
                               const std::string& type = "application/json") {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Type: " + type +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace florin::cli::test
