// The two sides of the comparison, each as one program run that prints one JSON line.
//   payments_bench pay PORT ROOTS KEY_ID SECRET_FILE CONNECTIONS SECONDS PER_SECOND
//   payments_bench postgres CONNINFO CLIENTS SECONDS
#include <fstream>
#include <string_view>

#include "bench/payments/merchant.h"
#include "bench/payments/postgres_payments.h"

namespace florin::bench {
namespace {

void print(Results results) {
  const auto made = static_cast<double>(results.latencies_us.size());
  std::printf(
      "{\"payments\":%.0f,\"per_s\":%.1f,\"p50_us\":%.1f,\"p99_us\":%.1f,\"failed\":%llu}\n", made,
      made / results.seconds, quantile(results.latencies_us, 0.5),
      quantile(results.latencies_us, 0.99), static_cast<unsigned long long>(results.failed));
}

Secret read_secret(const char* path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) fail(std::string("cannot read ") + path);
  const Bytes bytes = need(from_base64(line));
  return Secret(bytes);
}

int run(int count, char** arguments) {
  const std::string_view what = count > 1 ? arguments[1] : "";
  if (what == "pay" && count == 9) {
    const Shop shop{.port = static_cast<std::uint16_t>(std::stoi(arguments[2])),
                    .roots = arguments[3],
                    .key_id = arguments[4],
                    .secret = read_secret(arguments[5])};
    print(pay(shop, {.connections = std::stoul(arguments[6]),
                     .seconds = std::stod(arguments[7]),
                     .per_second = std::stod(arguments[8])}));
    return 0;
  }
  if (what == "postgres" && count == 5) {
    print(pay_in_postgres(arguments[2], std::stoul(arguments[3]), std::stod(arguments[4])));
    return 0;
  }
  fail("usage: payments_bench pay|postgres …");
}

}  // namespace
}  // namespace florin::bench

int main(int count, char** arguments) {
  return florin::bench::run(count, arguments);
}
