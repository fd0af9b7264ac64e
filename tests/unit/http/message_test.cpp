#include "daemon/http/message.h"

#include <gtest/gtest.h>

#include "daemon/http/parser.h"

namespace florin::http::message_test {
namespace {

TEST(Headers, GetSetCount) {
  Headers headers;
  headers.add("A", "1");
  headers.add("a", "2");
  EXPECT_EQ(headers.get("A"), std::nullopt);
  EXPECT_EQ(headers.count("A"), 2U);
  headers.set("A", "3");
  EXPECT_EQ(headers.get("a"), "3");
  EXPECT_EQ(headers.count("B"), 0U);
}

TEST(Serialize, RequestRoundTrip) {
  Request request{"POST", "/a?b=c", {}, "{}"};
  request.headers.add("Content-Type", "application/json");
  request.headers.add("Content-Length", "999");
  request.headers.add("Transfer-Encoding", "chunked");
  request.headers.add("X-Evil", "a\r\nX-More: b");
  const std::string bytes = serialize(request, "api.example:8443");
  EXPECT_EQ(bytes,
            "POST /a?b=c HTTP/1.1\r\nHost: api.example:8443\r\nContent-Type: application/json\r\n"
            "Content-Length: 2\r\n\r\n{}");
  const auto again = parse_request(bytes);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->body, "{}");
}

TEST(Serialize, ResponseGolden) {
  EXPECT_EQ(
      serialize(json_response(201, "{}"), false, false),
      "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
  EXPECT_EQ(serialize(json_response(200, "{}"), true, true),
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
            "Connection: close\r\n\r\n");
  Response empty;
  empty.status = 204;
  EXPECT_EQ(serialize(empty, false, false), "HTTP/1.1 204 No Content\r\n\r\n");
  Response odd;
  odd.status = 299;
  ASSERT_TRUE(parse_response(serialize(odd, false, false)).ok());
}

TEST(Headers, WipedValuesAreEmptyAndNamesStay) {
  Headers headers;
  headers.add("Authorization", "Bearer a-long-and-secret-token");
  headers.add("X-A", "b");
  headers.wipe_values();
  EXPECT_EQ(headers.get("Authorization"), "");
  EXPECT_EQ(headers.get("X-A"), "");
}

TEST(Serialize, RequestsAreMadeWithoutGrowing) {
  Request request{"POST", "/" + std::string(3000, 'p'), {}, std::string(5000, 'b')};
  for (int i = 0; i < 50; ++i) request.headers.add("X-" + std::to_string(i), std::string(97, 'v'));
  const std::string bytes = serialize(request, std::string(200, 'h'));
  // A buffer that had to grow has at least doubled.
  EXPECT_LT(bytes.capacity(), bytes.size() + 128);
}

}  // namespace
}  // namespace florin::http::message_test
