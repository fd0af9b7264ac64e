#pragma once
/// A delivery service between a ledger in memory and a real HTTPS receiver, with a clock moved by
/// hand.
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "daemon/delivery/delivery_service.h"
#include "daemon/vault/sealed_secret.h"
#include "support/manual_clock.h"
#include "support/temp_dir.h"
#include "support/test_keys.h"
#include "unit/delivery/fake_ledger.h"
#include "unit/delivery/receiver.h"

namespace florin::delivery {

class DeliveryFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    thread_ = std::thread([this] { runtime_.run(); });
    on_thread([this] {
      receiver_.listen();
      net::ClientOptions options;
      options.trusted_roots = receiver_.certificates.roots();
      options.public_addresses_only = false;
      client_ = net::make_client(runtime_, options).value();
      tenant_ = {new_uuid(clock_, entropy_)};
      merchant_ = {new_uuid(clock_, entropy_)};
      endpoint_ = add_endpoint(receiver_.url());
      open();
    });
  }
  void TearDown() override {
    on_thread([this] {
      service_.reset();
      receiver_.close();
    });
    runtime_.stop();
    thread_.join();
    client_.reset();
  }

  void on_thread(const std::function<void()>& work) {
    std::promise<void> done;
    runtime_.post([&] {
      work();
      done.set_value();
    });
    done.get_future().get();
  }
  // On the I/O thread.
  void open() {
    DeliveryOptions options;
    options.directory = directory_.path() / "delivery";
    options.brand = "bank";
    options.client = client_;
    options.map_bytes = 64UL << 20U;
    options.tick = std::chrono::milliseconds(2);
    service_ = DeliveryService::open(options, runtime_, clock_, entropy_).value();
    service_->attach({tenant_, ledger::Mode::test, books_, keys_});
    service_->start();
  }
  domain::Endpoint add_endpoint(const std::string& url) {
    domain::Endpoint endpoint;
    endpoint.id = {new_uuid(clock_, entropy_)};
    endpoint.merchant = merchant_;
    endpoint.url = url;
    endpoint.sealed_secret = vault::seal_secret(*keys_, "whsec",
                                                vault::secret_place(tenant_.text(), "endpoint",
                                                                    endpoint.id.text(), "secret"),
                                                secret_, entropy_)
                                 .value();
    books_->put(endpoint);
    return endpoint;
  }
  Uuid emit(bool hidden = false) {
    const Uuid id = new_uuid(clock_, entropy_);
    books_->emit(id, merchant_.value, "payment.authorized", clock_.now(), hidden);
    return id;
  }
  [[nodiscard]] EndpointKey key_of(const domain::Endpoint& endpoint) const {
    return {{tenant_.value, ledger::Mode::test}, endpoint.id.value};
  }
  std::vector<Delivery> deliveries() {
    std::vector<Delivery> found;
    on_thread([&] { found = service_->deliveries(key_of(endpoint_), {}, 1000).value(); });
    return found;
  }
  std::vector<AttemptRecord> attempts(const Delivery& delivery) {
    Result<std::vector<AttemptRecord>> found{std::vector<AttemptRecord>()};
    on_thread([&] { found = service_->attempts(delivery.key); });
    EXPECT_TRUE(found.ok());
    return found.ok() ? *found : std::vector<AttemptRecord>();
  }
  // Asks the I/O thread again and again until the newest delivery is as wanted; gives up late.
  Delivery await(const std::function<bool(const Delivery&)>& wanted) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (std::chrono::steady_clock::now() < limit) {
      const std::vector<Delivery> found = deliveries();
      if (!found.empty() && wanted(found.front())) return found.front();
      std::this_thread::yield();
    }
    ADD_FAILURE() << "the delivery did not come to the state that was waited for";
    return {};
  }
  Delivery await(DeliveryState state, std::uint32_t attempts_made) {
    return await([&](const Delivery& delivery) {
      return delivery.state == state && delivery.attempts == attempts_made;
    });
  }
  void stop_service() {
    std::promise<void> stopped;
    on_thread([&] { service_->stop([&] { stopped.set_value(); }); });
    stopped.get_future().get();
  }

  test::TempDir directory_;
  test::ManualClock clock_;
  SystemEntropy entropy_;
  net::Runtime runtime_;
  Receiver receiver_{runtime_};
  std::shared_ptr<net::Client> client_;
  std::shared_ptr<FakeLedger> books_ = std::make_shared<FakeLedger>();
  std::shared_ptr<const TenantKeys> keys_ = test::test_keys();
  TenantId tenant_;
  MerchantId merchant_;
  domain::Endpoint endpoint_;
  Bytes secret_ = Bytes(48, 0x42);
  std::unique_ptr<DeliveryService> service_;
  std::thread thread_;
};

}  // namespace florin::delivery
