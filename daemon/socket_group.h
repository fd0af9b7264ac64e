#pragma once
/// Who may open a control socket: the group of its role, where the machine has one.
#include <filesystem>
#include <string_view>

namespace florin {

/// Gives the socket to the group "florin-<role>", which then may open it by its mode. Without that
/// group, or when the process is no member and may not, the socket stays its owner's; the latter is
/// logged.
void give_to_group(const std::filesystem::path& socket, std::string_view role);

}  // namespace florin
