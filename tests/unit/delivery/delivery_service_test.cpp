#include "daemon/delivery/delivery_service.h"

#include "base/json.h"
#include "daemon/webhooks/schedule.h"
#include "daemon/webhooks/signature.h"
#include "unit/delivery/delivery_fixture.h"

namespace florin::delivery::delivery_service_test {
namespace {

class DeliveryServiceTest : public DeliveryFixture {};

http::Response status(int code) {
  http::Response response;
  response.status = code;
  return response;
}

std::string header(const http::Request& request, std::string_view name) {
  return std::string(request.headers.get(name).value_or(""));
}

TEST_F(DeliveryServiceTest, DeliversOnceWithTheRightSignature) {
  const Uuid event = emit();
  const Delivery delivery = await(DeliveryState::delivered, 1);
  const auto requests = receiver_.wait(1);
  ASSERT_EQ(requests.size(), 1U);
  const http::Request& request = requests[0];
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/hooks?x=1");
  EXPECT_EQ(header(request, "content-type"), "application/json");
  EXPECT_EQ(header(request, "user-agent"), "bank-webhooks/1");
  EXPECT_EQ(header(request, "webhook-id"), EventId{event}.text());
  EXPECT_TRUE(webhooks::verify(secret_,
                               {header(request, "webhook-id"), header(request, "webhook-timestamp"),
                                header(request, "webhook-signature")},
                               request.body, clock_.now() / kNanosPerSecond, 0)
                  .ok());
  const json::value body = json::parse(request.body).value();
  EXPECT_EQ(body.at("merchant").as_string(), merchant_.text());
  EXPECT_EQ(body.at("sequence").as_int64(), 1);
  EXPECT_EQ(delivery.event_type, "payment.authorized");
  EXPECT_EQ(delivery.last_status, 200);
  const auto records = attempts(delivery);
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].phase, AttemptPhase::started);
  EXPECT_EQ(records[1].outcome, AttemptOutcome::delivered);
  stop_service();
  EXPECT_EQ(receiver_.count(), 1U);
}

TEST_F(DeliveryServiceTest, EveryActiveEndpointGetsItsOwnRow) {
  const domain::Endpoint second = add_endpoint(receiver_.url());
  domain::Endpoint inactive = add_endpoint(receiver_.url());
  inactive.active = false;
  books_->put(inactive);
  emit();
  receiver_.wait(2);
  await(DeliveryState::delivered, 1);
  stop_service();
  EXPECT_EQ(receiver_.count(), 2U);
  on_thread([&] {
    EXPECT_EQ(service_->deliveries(key_of(second), {}, 10)->size(), 1U);
    EXPECT_EQ(service_->deliveries(key_of(inactive), {}, 10)->size(), 0U);
  });
}

TEST_F(DeliveryServiceTest, ExpandsOnlyWhatReadersSee) {
  emit(true);
  EXPECT_TRUE(deliveries().empty());
  books_->show();
  await(DeliveryState::delivered, 1);
}

TEST_F(DeliveryServiceTest, RetriesAfterAnErrorAndChainsTheRecords) {
  receiver_.script({status(500), status(302)});
  emit();
  Delivery delivery = await(DeliveryState::due, 1);
  EXPECT_GE(delivery.next_at, clock_.now() + 2'500 * kNanosPerMilli);
  EXPECT_LE(delivery.next_at, clock_.now() + 7'500 * kNanosPerMilli);
  clock_.advance(8 * kNanosPerSecond);
  delivery = await(DeliveryState::due, 2);
  EXPECT_EQ(delivery.last_outcome, AttemptOutcome::redirected);
  clock_.advance(80 * kNanosPerSecond);
  delivery = await(DeliveryState::delivered, 3);
  const auto records = attempts(delivery);
  ASSERT_EQ(records.size(), 6U);
  EXPECT_EQ(records[1].outcome, AttemptOutcome::refused);
  EXPECT_EQ(records[1].status, 500);
  EXPECT_EQ(records[0].previous, Hash32{});
  for (std::size_t i = 1; i < records.size(); ++i) {
    EXPECT_EQ(
        records[i].previous,
        attempt_hash(encode_attempt_key(delivery.key, records[i - 1].number, records[i - 1].phase),
                     encode(records[i - 1])));
  }
  const auto requests = receiver_.wait(3);
  EXPECT_EQ(header(requests[0], "webhook-id"), header(requests[2], "webhook-id"));
  EXPECT_EQ(requests[0].body, requests[2].body);
  EXPECT_NE(header(requests[0], "webhook-timestamp"), header(requests[2], "webhook-timestamp"));
}

TEST_F(DeliveryServiceTest, WaitsAsLongAsTheReceiverAsks) {
  http::Response busy = status(503);
  busy.headers.add("retry-after", "600");
  receiver_.script({busy});
  emit();
  const Delivery delivery = await(DeliveryState::due, 1);
  EXPECT_EQ(delivery.next_at, clock_.now() + 600 * kNanosPerSecond);
}

TEST_F(DeliveryServiceTest, RetriesAReceiverThatIsDown) {
  on_thread([&] { receiver_.close(); });
  emit();
  Delivery delivery = await(DeliveryState::due, 1);
  EXPECT_EQ(delivery.last_outcome, AttemptOutcome::unreachable);
  EXPECT_EQ(delivery.last_status, 0);
  on_thread([&] { receiver_.listen(receiver_.port()); });
  clock_.advance(8 * kNanosPerSecond);
  delivery = await(DeliveryState::delivered, 2);
  EXPECT_EQ(attempts(delivery).size(), 4U);
}

TEST_F(DeliveryServiceTest, GivesUpWhenTheScheduleIsUsedUp) {
  receiver_.script(std::deque<http::Response>(webhooks::kMaxAttempts + 1, status(500)));
  emit();
  for (std::uint32_t made = 1; made < webhooks::kMaxAttempts; ++made) {
    await(DeliveryState::due, made);
    clock_.advance(30 * 3600 * kNanosPerSecond);
  }
  const Delivery delivery = await(DeliveryState::failed, webhooks::kMaxAttempts);
  EXPECT_EQ(attempts(delivery).size(), 2 * webhooks::kMaxAttempts);
  clock_.advance(300 * 3600 * kNanosPerSecond);
  stop_service();
  EXPECT_EQ(receiver_.count(), webhooks::kMaxAttempts);
}

TEST_F(DeliveryServiceTest, ACrashInAnAttemptIsRecordedAndTheEventSentAgain) {
  receiver_.script({status(0)});
  emit();
  receiver_.wait(1);
  const Delivery open_one = await(DeliveryState::in_flight, 1);
  ASSERT_EQ(attempts(open_one).size(), 1U) << "the started row stands before the request leaves";
  on_thread([&] {
    service_.reset();
    open();
    EXPECT_EQ(service_->status().recovered, 1U);
  });
  const Delivery delivery = await(DeliveryState::delivered, 2);
  const auto records = attempts(delivery);
  ASSERT_EQ(records.size(), 4U);
  EXPECT_EQ(records[1].outcome, AttemptOutcome::unknown);
  EXPECT_EQ(records[3].outcome, AttemptOutcome::delivered);
  EXPECT_EQ(delivery.failures, 0U);
  const auto requests = receiver_.wait(2);
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(header(requests[0], "webhook-id"), header(requests[1], "webhook-id"));
}

TEST_F(DeliveryServiceTest, GoneDisablesTheEndpointUntilItIsResumed) {
  receiver_.script({status(410)});
  emit();
  Delivery delivery = await(DeliveryState::held, 1);
  EXPECT_EQ(delivery.last_outcome, AttemptOutcome::gone);
  on_thread([&] { EXPECT_TRUE(service_->disabled_at(key_of(endpoint_))->has_value()); });
  emit();
  await(DeliveryState::held, 0);
  EXPECT_EQ(receiver_.count(), 1U);
  std::promise<std::size_t> resumed;
  on_thread([&] {
    service_->resume(key_of(endpoint_),
                     [&](Result<std::size_t> count) { resumed.set_value(count.value()); });
  });
  EXPECT_EQ(resumed.get_future().get(), 2U);
  receiver_.wait(3);
  delivery = await(DeliveryState::delivered, 1);
  on_thread([&] { EXPECT_FALSE(service_->disabled_at(key_of(endpoint_))->has_value()); });
  stop_service();
  for (const Delivery& each : deliveries()) EXPECT_EQ(each.state, DeliveryState::delivered);
}

TEST_F(DeliveryServiceTest, TheCursorSurvivesAReopen) {
  emit();
  await(DeliveryState::delivered, 1);
  emit();
  await([](const Delivery& delivery) {
    return delivery.key.event.seq == 2 && delivery.state == DeliveryState::delivered;
  });
  stop_service();
  on_thread([&] {
    service_.reset();
    open();
  });
  emit();
  await([](const Delivery& delivery) {
    return delivery.key.event.seq == 3 && delivery.state == DeliveryState::delivered;
  });
  stop_service();
  EXPECT_EQ(receiver_.count(), 3U);
  EXPECT_EQ(deliveries().size(), 3U);
}

TEST_F(DeliveryServiceTest, AnEndpointThatWasSwitchedOffHoldsWhatIsDue) {
  receiver_.script({status(500)});
  emit();
  await(DeliveryState::due, 1);
  endpoint_.active = false;
  books_->put(endpoint_);
  clock_.advance(8 * kNanosPerSecond);
  const Delivery delivery = await(DeliveryState::held, 2);
  EXPECT_EQ(delivery.last_outcome, AttemptOutcome::not_sent);
  EXPECT_EQ(receiver_.count(), 1U);
}

TEST_F(DeliveryServiceTest, ASecretThatCannotBeOpenedSendsNothing) {
  endpoint_.sealed_secret.back() ^= 1U;
  books_->put(endpoint_);
  emit();
  const Delivery delivery = await(DeliveryState::due, 1);
  EXPECT_EQ(delivery.last_outcome, AttemptOutcome::not_sent);
  EXPECT_EQ(delivery.failures, 1U);
  EXPECT_EQ(receiver_.count(), 0U);
}

TEST_F(DeliveryServiceTest, ManyEventsReachTheReceiverWithinTheLimits) {
  constexpr std::size_t kEvents = 300;
  for (std::size_t i = 0; i < kEvents; ++i) emit();
  EXPECT_EQ(receiver_.wait(kEvents).size(), kEvents);
  await([](const Delivery& each) { return each.state == DeliveryState::delivered; });
  stop_service();
  const auto all = deliveries();
  EXPECT_EQ(all.size(), kEvents);
  for (const Delivery& each : all) EXPECT_EQ(each.state, DeliveryState::delivered);
  EXPECT_EQ(receiver_.count(), kEvents);
}

}  // namespace
}  // namespace florin::delivery::delivery_service_test
