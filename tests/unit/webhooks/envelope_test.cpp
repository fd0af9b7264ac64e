#include "daemon/webhooks/envelope.h"

#include <gtest/gtest.h>

#include "daemon/webhooks/request.h"

namespace florin::webhooks::envelope_test {
namespace {

EventFacts facts(std::string_view data) {
  return {.id = {Uuid::from(Bytes(16, 1))},
          .type = "payment.captured",
          .merchant = {Uuid::from(Bytes(16, 2))},
          .sequence = 42,
          .booked_at = 1'760'000'000'482'913'000,
          .data = view_of(data)};
}

TEST(Envelope, IsMinifiedInAFixedOrder) {
  const EventFacts event = facts(R"({"object": "payment", "version": 7})");
  EXPECT_EQ(envelope(event).value(),
            R"({"type":"payment.captured","timestamp":"2025-10-09T08:53:20.482913Z","id":")" +
                event.id.text() + R"(","api_version":"2026-11-01","merchant":")" +
                event.merchant.text() +
                R"(","sequence":42,"data":{"object":"payment","version":7}})");
}

TEST(Envelope, EscapesWhatIsNotAscii) {
  const std::string body = envelope(facts("{\"name\":\"Z\xC3\xBC \xF0\x9F\x92\xB3\"}")).value();
  EXPECT_NE(body.find(R"("name":"Z\u00fc \ud83d\udcb3")"), std::string::npos) << body;
  for (const char c : body) EXPECT_LT(static_cast<unsigned char>(c), 0x80U);
}

TEST(Envelope, RefusesDataThatIsNoObject) {
  EXPECT_FALSE(envelope(facts("[1]")).ok());
  EXPECT_FALSE(envelope(facts("{")).ok());
  EXPECT_FALSE(envelope(facts("")).ok());
}

TEST(Request, CarriesTheHeadersAndTheBrandOnly) {
  const http::Request request =
      make_request("/hooks?a=1", {"msg_1", "1760000000", "v1,AAAA"}, "{}", user_agent("bank"));
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/hooks?a=1");
  EXPECT_EQ(request.body, "{}");
  using Field = std::pair<std::string, std::string>;
  const std::vector<Field> expected{{"content-type", "application/json"},
                                    {"user-agent", "bank-webhooks/1"},
                                    {"webhook-id", "msg_1"},
                                    {"webhook-timestamp", "1760000000"},
                                    {"webhook-signature", "v1,AAAA"}};
  EXPECT_EQ(request.headers.fields(), expected);
}

TEST(Request, AnyBrandMakesAValidToken) {
  EXPECT_EQ(user_agent(""), "webhooks/1");
  EXPECT_EQ(user_agent("My Bank\r\nX: y"), "My-Bank--X--y-webhooks/1");
}

}  // namespace
}  // namespace florin::webhooks::envelope_test
