#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>
#include <fstream>

#include "daemon/net/server.h"
#include "net_fixture.h"

namespace florin::net::unix_server_test {
namespace {

using namespace std::chrono_literals;

Task<http::Response> tell_uid(http::Request, Peer peer) {
  co_return http::json_response(200, "uid=" + std::to_string(peer.uid) + ".");
}

class UnixServerTest : public testing::Test {
 protected:
  Result<std::unique_ptr<Server>> listen(const ServerLimits& limits = patient_limits()) {
    return listen_unix(thread_.runtime, path_, 0660, limits, tell_uid);
  }
  std::string ask(const std::string& bytes) const {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path_.c_str(), sizeof address.sun_path - 1);
    EXPECT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_GT(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL), 0);
    std::string all;
    char buffer[1024];
    for (ssize_t count = 0; (count = ::recv(fd, buffer, sizeof buffer, 0)) > 0;) {
      all.append(buffer, static_cast<std::size_t>(count));
    }
    ::close(fd);
    return all;
  }
  TestCertificates scratch_;
  std::filesystem::path path_ = scratch_.directory() / "admin.sock";
  RuntimeThread thread_;
};

TEST_F(UnixServerTest, SeesThePeersUid) {
  auto server = listen();
  ASSERT_TRUE(server.ok()) << server.error().to_log();
  struct stat status{};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0660U);
  const std::string answer = ask("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_NE(answer.find("uid=" + std::to_string(::getuid()) + "."), std::string::npos) << answer;
}

TEST_F(UnixServerTest, KeepsTheSameLimits) {
  ServerLimits limits = patient_limits();
  limits.header = 2s;
  auto server = listen(limits);
  ASSERT_TRUE(server.ok());
  EXPECT_TRUE(ask("GET / HT").starts_with("HTTP/1.1 408 "));
  EXPECT_TRUE(ask("GET / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 400 "));
}

TEST_F(UnixServerTest, LivingSocketIsAnErrorAndTheFileGoesAtTheEnd) {
  {
    auto server = listen();
    ASSERT_TRUE(server.ok());
    auto second = listen();
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().code(), Errc::unavailable);
    EXPECT_NE(second.error().message().find(path_.string()), std::string::npos);
    thread_.on_thread([&] { server->reset(); });
  }
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(UnixServerTest, StaleSocketIsReplacedAnythingElseIsNot) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path_.c_str(), sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::close(fd);
  {
    auto server = listen();
    EXPECT_TRUE(server.ok());
    thread_.finish();
  }
  std::ofstream(path_) << "data";
  auto refused = listen();
  ASSERT_FALSE(refused.ok());
  EXPECT_TRUE(std::filesystem::exists(path_));
}

}  // namespace
}  // namespace florin::net::unix_server_test
