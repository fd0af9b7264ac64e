#include "bench/payments/merchant.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>

#include "base/entropy.h"
#include "base/hash.h"
#include "daemon/http/parser.h"
#include "daemon/net/runtime.h"
#include "daemon/net/timer.h"

namespace florin::bench {
namespace {

using boost::asio::ip::tcp;

constexpr double kWarm_s = 0.5;
// Handshakes at a time: a server gives each a few seconds, and hundreds at once would take longer.
constexpr std::size_t kHandshakes = 16;

class Merchant {
 public:
  Merchant(const Shop& shop, const Load& load, net::Runtime& runtime)
      : shop_(shop),
        load_(load),
        runtime_(runtime),
        tls_(need(net::TlsContext::for_client(shop.roots))),
        authority_("localhost:" + std::to_string(shop.port)),
        run_(to_hex(random(8))) {}

  /// One connection's life.
  net::Task<void> work(std::size_t number);
  Results results() {
    results_.seconds = load_.seconds;
    return std::move(results_);
  }

 private:
  static Bytes random(std::size_t size) {
    Bytes bytes(size);
    SystemEntropy().fill(bytes);
    return bytes;
  }
  net::Task<std::shared_ptr<net::Wire>> connect();
  net::Task<int> exchange(std::shared_ptr<net::Wire> wire);
  net::Task<Steady::time_point> next_turn();
  std::string request();

  const Shop& shop_;
  const Load& load_;
  net::Runtime& runtime_;
  std::shared_ptr<net::TlsContext> tls_;
  std::string authority_;
  std::string run_;  ///< keeps the keys of several runs apart
  std::size_t connected_ = 0;
  std::uint64_t made_ = 0;
  std::uint64_t turns_ = 0;
  Steady::time_point begin_;
  Results results_;
};

std::string Merchant::request() {
  const std::string number = run_ + "-" + std::to_string(++made_);
  http::Request out;
  out.method = "POST";
  out.target = "/v1/payments";
  out.body = R"({"amount":{"value":1299,"currency":"EUR"},"merchant_reference":")" + number +
             R"(","payment_method":{"type":"token","token":"tok_approve"},)"
             R"("capture_method":"automatic"})";
  const std::string key = "bench-key-" + number;
  const std::string time = std::to_string(SystemClock().now() / kNanosPerSecond);
  const std::string nonce = to_hex(random(16));
  const std::string text = "HMAC-SHA256-V1\n" + shop_.key_id + "\n" + time + "\n" + nonce +
                           "\nPOST\n" + authority_ + "\n/v1/payments\n\n" +
                           to_hex(sha256(view_of(out.body))) + "\napplication/json\n" + key;
  const Hash32 signature = hmac_sha256(shop_.secret.view(), {view_of(text)});
  out.headers.add("Content-Type", "application/json");
  out.headers.add("Idempotency-Key", key);
  out.headers.add("Authorization", "HMAC-SHA256 key=\"" + shop_.key_id + "\",ts=\"" + time +
                                       "\",nonce=\"" + nonce + "\",sig=\"" + to_base64(signature) +
                                       "\"");
  return http::serialize(out, authority_);
}

net::Task<std::shared_ptr<net::Wire>> Merchant::connect() {
  net::TcpSocket socket(runtime_.context().get_executor());
  net::Code code;
  const tcp::endpoint endpoint(boost::asio::ip::address_v4::loopback(), shop_.port);
  co_await socket.async_connect(endpoint, boost::asio::redirect_error(net::use_task, code));
  if (code) fail("cannot connect: " + code.message());
  socket.set_option(tcp::no_delay(true));
  std::shared_ptr<net::Wire> wire = tls_->connect(std::move(socket), "localhost");
  const net::Code refused = co_await wire->handshake();
  if (refused) fail("no handshake: " + refused.message());
  co_return wire;
}

// The answer's status, or 0 when the connection ended before it.
net::Task<int> Merchant::exchange(std::shared_ptr<net::Wire> wire) {
  const std::string bytes = request();
  const net::Code unwritten = co_await wire->write(bytes);
  if (unwritten) co_return 0;
  http::ResponseParser parser;
  std::array<char, 8192> buffer;
  while (parser.state() != http::ParserState::complete) {
    const std::span<char> into(buffer);
    const net::Read got = co_await wire->read(into);
    if (got.code || parser.state() == http::ParserState::failed) co_return 0;
    parser.feed(std::string_view(buffer.data(), got.bytes));
  }
  co_return parser.take().status;
}

// Closed model: now. Open model: when the next payment is due, or now when that is past, and its
// wait counts.
net::Task<Steady::time_point> Merchant::next_turn() {
  if (load_.per_second <= 0) co_return Steady::now();
  const std::chrono::duration<double> after(static_cast<double>(turns_++) / load_.per_second);
  const auto due = begin_ + std::chrono::duration_cast<Steady::duration>(after);
  if (due > Steady::now()) {
    net::Timer timer(runtime_.context().get_executor());
    timer.expires_at(due);
    co_await timer.async_wait(net::use_task);
  }
  co_return due;
}

net::Task<void> Merchant::work(std::size_t number) {
  while (number >= connected_ + kHandshakes) co_await net::sleep_for(std::chrono::milliseconds(1));
  std::shared_ptr<net::Wire> wire = co_await connect();
  if (++connected_ == load_.connections) begin_ = Steady::now();
  while (connected_ < load_.connections) co_await net::sleep_for(std::chrono::milliseconds(1));
  for (;;) {
    const Steady::time_point due = co_await next_turn();
    const int status = co_await exchange(wire);
    const double since = seconds_since(begin_);
    // The server lets nobody wait for long with a connection that it does not use.
    if (status == 0) wire = co_await connect();
    if (since > kWarm_s + load_.seconds) break;
    if (since < kWarm_s) continue;
    if (status != 201) {
      ++results_.failed;
      continue;
    }
    results_.latencies_us.push_back(seconds_since(due) * 1e6);
  }
}

}  // namespace

Results pay(const Shop& shop, const Load& load) {
  net::Runtime runtime;
  Merchant merchant(shop, load, runtime);
  for (std::size_t i = 0; i < load.connections; ++i) {
    runtime.spawn("merchant", [&merchant, i] { return merchant.work(i); });
  }
  while (runtime.running_tasks() > 0) runtime.context().run_one();
  return merchant.results();
}

}  // namespace florin::bench
