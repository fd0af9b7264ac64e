#include <gtest/gtest.h>

#include "daemon/http/parser.h"

namespace florin::http::chunked_body_test {
namespace {

struct Chunked {
  std::string bytes;
  std::string body;
};

/// What a request may carry: neither extensions nor trailers.
const std::vector<Chunked>& plain_bodies() {
  static const std::vector<Chunked> bodies = {
      {"0\r\n\r\n", ""},
      {"000\r\n\r\n", ""},
      {"00000000\r\n\r\n", ""},
      {"1\r\na\r\n0\r\n\r\n", "a"},
      {"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "abcde"},
      {"1\r\n\r\r\n2\r\n\r\n\r\n0\r\n\r\n", "\r\r\n"},
      {"5\r\n0\r\n\r\n\r\n0\r\n\r\n", "0\r\n\r\n"},
      {"0000000a\r\n0123456789\r\n0\r\n\r\n", "0123456789"},
      {"A\r\n0123456789\r\n00\r\n\r\n", "0123456789"},
  };
  return bodies;
}

/// What a response may carry besides.
std::vector<Chunked> all_bodies() {
  std::vector<Chunked> bodies = plain_bodies();
  bodies.push_back({"0;x\r\n\r\n", ""});
  bodies.push_back({"0\r\nX-T: 1\r\n\r\n", ""});
  bodies.push_back({"0;a=\"b\"\r\nX-T: 1\r\nX-U:\r\n\r\n", ""});
  bodies.push_back({"2 ;a=b;c\r\nok\r\n0 \r\nX-T: 1\r\n\r\n", "ok"});
  return bodies;
}

RequestParser parser_for(RequestParser*) {
  RequestParser parser;
  const std::string head = "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(parser.feed(head), head.size());
  return parser;
}

ResponseParser parser_for(ResponseParser*) {
  ResponseParser parser;
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(parser.feed(head), head.size());
  return parser;
}

/// Feeds the body cut in three (pieces may be empty), then bytes that do not belong to it.
template <class Parser>
void expect_body_of_pieces(const Chunked& chunked, std::size_t first, std::size_t second) {
  SCOPED_TRACE(chunked.bytes + " cut at " + std::to_string(first) + ", " + std::to_string(second));
  Parser parser = parser_for(static_cast<Parser*>(nullptr));
  const std::string_view bytes = chunked.bytes;
  for (const std::string_view piece :
       {bytes.substr(0, first), bytes.substr(first, second - first), bytes.substr(second)}) {
    ASSERT_EQ(parser.feed(piece), piece.size());
  }
  ASSERT_EQ(parser.state(), ParserState::complete);
  EXPECT_EQ(parser.feed("next"), 0U);
  EXPECT_EQ(parser.take().body, chunked.body);
}

template <class Parser>
void expect_body_of_single_bytes(const Chunked& chunked) {
  SCOPED_TRACE(chunked.bytes);
  Parser parser = parser_for(static_cast<Parser*>(nullptr));
  for (const char& c : chunked.bytes) {
    ASSERT_EQ(parser.state(), ParserState::body);
    ASSERT_EQ(parser.feed(std::string_view(&c, 1)), 1U);
  }
  ASSERT_EQ(parser.state(), ParserState::complete);
  EXPECT_EQ(parser.take().body, chunked.body);
}

template <class Parser>
void expect_every_cut(const std::vector<Chunked>& bodies) {
  for (const Chunked& chunked : bodies) {
    expect_body_of_single_bytes<Parser>(chunked);
    for (std::size_t first = 0; first <= chunked.bytes.size(); ++first) {
      for (std::size_t second = first; second <= chunked.bytes.size(); ++second) {
        expect_body_of_pieces<Parser>(chunked, first, second);
      }
    }
  }
}

TEST(ChunkedBody, RequestsInPiecesOfAnySize) {
  expect_every_cut<RequestParser>(plain_bodies());
}

TEST(ChunkedBody, ResponsesInPiecesOfAnySize) {
  expect_every_cut<ResponseParser>(all_bodies());
}

TEST(ChunkedBody, ResponseEndingInsideFails) {
  for (const Chunked& chunked : all_bodies()) {
    for (std::size_t size = 0; size < chunked.bytes.size(); ++size) {
      ResponseParser parser = parser_for(static_cast<ResponseParser*>(nullptr));
      parser.feed(std::string_view(chunked.bytes).substr(0, size));
      parser.feed_end();
      ASSERT_EQ(parser.state(), ParserState::failed) << chunked.bytes << " cut at " << size;
      EXPECT_EQ(parser.error().code(), Errc::connector_answer_invalid);
    }
  }
}

TEST(ChunkedBody, LimitCountsAllChunksTogether) {
  ParserLimits limits;
  limits.body_bytes = 4;
  const std::string head = "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_TRUE(parse_request(head + "2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n", limits).ok());
  for (const char* body : {"5\r\nabcde\r\n0\r\n\r\n", "2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n",
                           "4\r\nabcd\r\n1\r\n", "ffffffff\r\n"}) {
    const auto request = parse_request(head + body, limits);
    ASSERT_FALSE(request.ok()) << body;
    EXPECT_EQ(request.error().code(), Errc::payload_too_large) << body;
  }
}

}  // namespace
}  // namespace florin::http::chunked_body_test
