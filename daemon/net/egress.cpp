#include <algorithm>

#include "daemon/net/client.h"

namespace florin::net {

bool host_allowed(const std::vector<std::string>& allowed, std::string_view host) noexcept {
  if (allowed.empty()) return true;
  return std::any_of(allowed.begin(), allowed.end(), [host](const std::string& entry) {
    return entry.starts_with('.') ? host.ends_with(entry) && host.size() > entry.size()
                                  : host == entry;
  });
}

}  // namespace florin::net
