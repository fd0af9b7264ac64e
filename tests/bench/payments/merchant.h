#pragma once
/// A merchant's program that does nothing but pay: signed requests over HTTPS connections that it
/// keeps.
#include <array>
#include <string>
#include <vector>

#include "base/secret.h"
#include "bench/measure.h"
#include "daemon/net/tls_wire.h"

namespace florin::bench {

struct Shop {
  std::uint16_t port = 0;
  std::string roots;   ///< PEM file
  std::string key_id;  ///< of the credential
  Secret secret;
};

struct Load {
  std::size_t connections = 1;
  double seconds = 1;
  /// Payments begun each second, whatever becomes of them; 0: each connection begins the next when
  /// it has the answer.
  double per_second = 0;
};

struct Results {
  std::vector<double> latencies_us;  ///< with a rate: from the time at which it was due
  std::uint64_t failed = 0;
  double seconds = 0;
};

/// Connects first, pays for a moment to warm up, then measures.
Results pay(const Shop& shop, const Load& load);

}  // namespace florin::bench
