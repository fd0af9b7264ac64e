// What the security module and the keys below it cost, on a SoftHSM in a fresh directory.
// usage: hsm_bench METRICS_FILE TENANTS SECONDS
#include <fmt/format.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "base/aead.h"
#include "base/secret_arena.h"
#include "bench/measure.h"
#include "daemon/vault/keyring.h"
#include "daemon/vault/sealed_secret.h"
#include "support/softhsm.h"

namespace florin::bench {
namespace {

constexpr std::size_t kRootSize = 32;
constexpr std::size_t kArenaBytes = std::size_t{4} << 20U;
const std::string kContext(60, 'a');  // as long as what binds a wrapped root to its name

class Bench {
 public:
  Bench(Metrics& metrics, double seconds) : metrics_(metrics), seconds_(seconds) {
    need(hsm::initialise_token(token_.config(), test_support::SoftHsm::so_pin(),
                               test_support::SoftHsm::pin(), hsm::TokenOrigin::fresh, token_.gate));
    need(hsm::create_keys(token_.config(), test_support::SoftHsm::pin(), token_.gate,
                          token_.entropy));
  }

  void wrapping() {
    for (const std::size_t lanes : {std::size_t{1}, std::size_t{2}, std::size_t{4}}) {
      hsm::Config config = token_.config();
      config.lanes = lanes;
      const auto module = need(hsm::Hsm::open(config, token_.gate, token_.entropy, token_.clock));
      const Secret root(kRootSize);
      const Bytes blob = need(module->wrap(root.view(), view_of(kContext)));
      const std::string name = fmt::format("hsm.lanes{}", lanes);
      metrics_.show(name + ".wrap.per_s",
                    rate(lanes, [&] { need(module->wrap(root.view(), view_of(kContext))); }));
      metrics_.show(name + ".unwrap.per_s",
                    rate(lanes, [&] { need(module->unwrap(blob, view_of(kContext))); }));
      need(module->shutdown());
    }
  }

  void data_keys() {
    Secret key(kAeadKeySize);
    token_.entropy.fill(key.writable());
    for (const std::size_t size : {std::size_t{64}, std::size_t{1024}}) {
      const Bytes text(size);
      const Bytes sealed = aead_seal(key.view(), {}, view_of(kContext), text);
      std::uint64_t counter = 0;
      metrics_.show(fmt::format("hsm.data_key.seal_{}.per_s", size), rate(1, [&] {
                      AeadNonce nonce{};
                      ++counter;
                      std::copy_n(reinterpret_cast<const std::uint8_t*>(&counter), sizeof counter,
                                  nonce.begin());
                      static_cast<void>(aead_seal(key.view(), nonce, view_of(kContext), text));
                    }));
      metrics_.show(fmt::format("hsm.data_key.open_{}.per_s", size),
                    rate(1, [&] { need(aead_open(key.view(), {}, view_of(kContext), sealed)); }));
    }
  }

  // Two roots per tenant and two of the appliance.
  void keyring(std::size_t tenants) {
    const std::filesystem::path directory = token_.directory() / "keyring";
    std::filesystem::create_directory(directory);
    const auto module =
        need(hsm::Hsm::open(token_.config(), token_.gate, token_.entropy, token_.clock));
    const double roots = 2.0 * static_cast<double>(tenants) + 2.0;
    {
      const auto keys = open_keyring(directory, *module);
      need(keys->create_owner(std::nullopt));
      const auto start = Steady::now();
      for (std::size_t i = 0; i < tenants; ++i) {
        need(keys->create_owner(TenantId{new_uuid(token_.clock, token_.entropy)}));
      }
      metrics_.show("hsm.tenants_made.per_s", static_cast<double>(tenants) / seconds_since(start));
    }
    const auto cold = Steady::now();
    const auto keys = open_keyring(directory, *module);
    metrics_.show("hsm.cold_start.s", seconds_since(cold),
                  fmt::format("keyring with {} tenants, all roots open", tenants));
    need(keys->rotate_kek(new_uuid(token_.clock, token_.entropy)));
    const auto start = Steady::now();
    while (need(keys->rewrap()) > 0) {
    }
    metrics_.show("hsm.rewrap.per_s", roots / seconds_since(start),
                  "roots under a new key-encryption key, each read back");
    need(module->shutdown());
  }

 private:
  std::unique_ptr<vault::Keyring> open_keyring(const std::filesystem::path& directory,
                                               hsm::Hsm& module) {
    return need(vault::Keyring::open(directory, vault::make_key_guard(module), token_.entropy,
                                     token_.clock));
  }

  // Calls per second of so many threads together.
  template <class Work>
  double rate(std::size_t threads, Work work) {
    std::atomic<std::uint64_t> calls = 0;
    const auto start = Steady::now();
    std::vector<std::thread> running;
    for (std::size_t i = 0; i < threads; ++i) {
      running.emplace_back([&] {
        std::uint64_t own = 0;
        while (seconds_since(start) < seconds_) {
          for (int j = 0; j < 16; ++j) work();
          own += 16;
        }
        calls += own;
      });
    }
    for (std::thread& thread : running) thread.join();
    return static_cast<double>(calls) / seconds_since(start);
  }

  Metrics& metrics_;
  double seconds_;
  test_support::SoftHsm token_;
};

}  // namespace
}  // namespace florin::bench

int main(int argc, char** argv) {
  using namespace florin;
  if (argc != 4) {
    std::fprintf(stderr, "usage: hsm_bench METRICS_FILE TENANTS SECONDS\n");
    return 2;
  }
  bench::need(SecretArena::open(bench::kArenaBytes));
  bench::Metrics metrics(argv[1]);
  bench::Bench bench(metrics, std::strtod(argv[3], nullptr));
  bench.wrapping();
  bench.data_keys();
  bench.keyring(std::strtoul(argv[2], nullptr, 10));
  return 0;
}
