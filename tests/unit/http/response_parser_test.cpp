#include <gtest/gtest.h>

#include "daemon/http/parser.h"

namespace florin::http::response_parser_test {
namespace {

std::string refusal(const std::string& bytes, const ParserLimits& limits = {}) {
  const auto response = parse_response(bytes, limits);
  if (response.ok()) return "accepted";
  EXPECT_EQ(response.error().code(), Errc::connector_answer_invalid);
  return response.error().detail().substr(0, response.error().detail().find(':'));
}

TEST(ResponseParser, Bodies) {
  const std::string head = "HTTP/1.1 201 Created\r\nX-A: b\r\n";
  const auto sized = parse_response(head + "Content-Length: 2\r\n\r\nok");
  ASSERT_TRUE(sized.ok());
  EXPECT_EQ(sized->status, 201);
  EXPECT_EQ(sized->headers.get("x-a"), "b");
  EXPECT_EQ(sized->body, "ok");
  const auto chunked = parse_response(
      head + "Transfer-Encoding: chunked\r\n\r\n1;ext=1\r\no\r\n1\r\nk\r\n0\r\nX-T: 1\r\n\r\n");
  ASSERT_TRUE(chunked.ok()) << chunked.error().to_log();
  EXPECT_EQ(chunked->body, "ok");
  EXPECT_EQ(chunked->headers.count("X-T"), 0U);
  const auto until_end = parse_response(head + "\r\nok");
  ASSERT_TRUE(until_end.ok());
  EXPECT_EQ(until_end->body, "ok");
  const auto none = parse_response("HTTP/1.1 204 No Content\r\n\r\n");
  ASSERT_TRUE(none.ok());
  const auto head_only =
      parse_response("HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n", {}, true);
  ASSERT_TRUE(head_only.ok());
  EXPECT_TRUE(head_only->body.empty());
}

TEST(ResponseParser, InterimAnswersAreSkipped) {
  const auto response = parse_response(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->headers.count("Link"), 0U);
  EXPECT_EQ(refusal("HTTP/1.1 101 Switching Protocols\r\n\r\n"), "not-implemented");
  std::string endless;
  for (int i = 0; i < 100; ++i) endless += "HTTP/1.1 100 Continue\r\n\r\n";
  EXPECT_EQ(refusal(endless), "not-implemented");
}

TEST(ResponseParser, Refusals) {
  const std::string head = "HTTP/1.1 200 OK\r\n";
  EXPECT_EQ(refusal(""), "header-invalid");
  EXPECT_EQ(refusal("SSH-2.0-x\r\n"), "http-version-unsupported");
  EXPECT_EQ(refusal("HTTP/2.0 200 OK\r\n\r\n"), "http-version-unsupported");
  EXPECT_EQ(refusal("HTTP/1.1 20 OK\r\n\r\n"), "header-invalid");
  EXPECT_EQ(refusal(head + "Content-Length: 3\r\n\r\nok"), "header-invalid");
  EXPECT_EQ(refusal(head + "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"), "header-invalid");
  EXPECT_EQ(refusal(head + "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\nok"),
            "header-invalid");
  EXPECT_EQ(refusal(head + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nok"), "header-invalid");
  EXPECT_EQ(refusal(head + "X: a\r\n b\r\n\r\n"), "header-invalid");
  ParserLimits small;
  small.body_bytes = 4;
  EXPECT_EQ(refusal(head + "Content-Length: 5\r\n\r\nabcde", small), "payload-too-large");
  EXPECT_EQ(refusal(head + "Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n", small),
            "payload-too-large");
  EXPECT_EQ(refusal(head + "\r\nabcde", small), "payload-too-large");
  EXPECT_EQ(refusal(head + "X: " + std::string(20000, 'a') + "\r\n\r\n"), "header-too-large");
}

TEST(ResponseParser, KeepAlive) {
  const auto keeps = [](const std::string& bytes) {
    ResponseParser parser;
    parser.feed(bytes);
    EXPECT_EQ(parser.state(), ParserState::complete);
    return parser.keep_alive();
  };
  EXPECT_TRUE(keeps("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_FALSE(keeps("HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_FALSE(keeps("HTTP/1.1 200 OK\r\nConnection: a, close\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_FALSE(keeps("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"));
}

TEST(ResponseParser, OutcomeDoesNotDependOnPacketBoundaries) {
  const std::string bytes =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5;a=\"b\"\r\nhello\r\n6\r\n world\r\n0\r\nX-T: 1\r\n\r\n";
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    ResponseParser parser;
    ASSERT_EQ(parser.feed(bytes.substr(0, cut)), cut);
    ASSERT_EQ(parser.feed(bytes.substr(cut)), bytes.size() - cut);
    ASSERT_EQ(parser.state(), ParserState::complete) << cut;
    EXPECT_EQ(parser.take().body, "hello world");
  }
}

}  // namespace
}  // namespace florin::http::response_parser_test
