#include "daemon/socket_group.h"

#include <fmt/format.h>
#include <grp.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "base/log.h"

namespace florin {

void give_to_group(const std::filesystem::path& socket, std::string_view role) {
  const std::string name = fmt::format("florin-{}", role);
  std::array<char, 16'384> buffer{};
  group entry{};
  group* found = nullptr;
  if (::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0) return;
  if (found == nullptr) return;
  if (::chown(socket.c_str(), static_cast<uid_t>(-1), found->gr_gid) == 0) return;
  log(LogLevel::warning, "operator.socket_group",
      {{"socket", socket.string()}, {"group", name}, {"reason", std::strerror(errno)}});
}

}  // namespace florin
