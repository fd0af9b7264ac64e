#include "daemon/net/resolver.h"

#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "daemon/net/timer.h"

namespace florin::net {
namespace {

using Addresses = Result<std::vector<AddressBytes>>;

AddressBytes bytes_of(const sockaddr* address) {
  AddressBytes bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (address->sa_family == AF_INET) {
    sockaddr_in four{};
    std::memcpy(&four, address, sizeof four);
    std::memcpy(bytes.data() + 12, &four.sin_addr, 4);
  } else {
    sockaddr_in6 six{};
    std::memcpy(&six, address, sizeof six);
    std::memcpy(bytes.data(), &six.sin6_addr, 16);
  }
  return bytes;
}

Addresses look_up(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  const int failure = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (failure != 0) {
    return Error(Errc::connection_failed, "", "The host name cannot be resolved.",
                 host + ": " + ::gai_strerror(failure));
  }
  std::vector<AddressBytes> addresses;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    if (entry->ai_family != AF_INET && entry->ai_family != AF_INET6) continue;
    const AddressBytes bytes = bytes_of(entry->ai_addr);
    if (std::find(addresses.begin(), addresses.end(), bytes) == addresses.end()) {
      addresses.push_back(bytes);
    }
  }
  ::freeaddrinfo(found);
  if (addresses.empty()) {
    return Error(Errc::connection_failed, "", "The host name has no address.", host);
  }
  return addresses;
}

/// First come, first served, between the look-up and the clock. I/O thread only.
struct Race {
  explicit Race(const Executor& executor) : timer(executor) {}
  void finish(std::optional<Addresses> result) {
    if (!done) return;
    auto callback = std::move(done);
    done = nullptr;
    timer.cancel();
    callback(std::move(result));
  }
  Timer timer;
  std::function<void(std::optional<Addresses>)> done;
};

}  // namespace

Task<Addresses> resolve(Runtime& runtime, std::string host, std::chrono::milliseconds limit) {
  if (const auto literal = parse_address(host)) co_return std::vector<AddressBytes>{*literal};
  std::function<void(std::function<void(std::optional<Addresses>)>)> start =
      [&runtime, host, limit](std::function<void(std::optional<Addresses>)> done) {
        auto race = std::make_shared<Race>(runtime.context().get_executor());
        race->done = std::move(done);
        race->timer.expires_after(limit);
        race->timer.async_wait([race](const boost::system::error_code& cancelled) {
          if (!cancelled) {
            race->finish(Error(Errc::timed_out, "", "The host name was not resolved in time."));
          }
        });
        runtime.run_blocking([&runtime, race, host]() mutable {
          // The race belongs to the I/O thread, so the last reference goes there too.
          runtime.post([race = std::move(race), result = look_up(host)]() mutable {
            race->finish(std::move(result));
          });
        });
      };
  std::optional<Addresses> result =
      co_await await_callback<std::optional<Addresses>>(std::move(start));
  co_return std::move(*result);
}

}  // namespace florin::net
