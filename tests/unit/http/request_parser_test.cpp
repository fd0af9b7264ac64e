#include <gtest/gtest.h>

#include "daemon/http/parser.h"
#include "daemon/http/problem.h"

namespace florin::http::request_parser_test {
namespace {

/// Either "<method> <target> <body>" of the first request, or the status of the refusal.
struct Case {
  const char* name;
  std::string bytes;
  int status;  ///< 0 = accepted, -1 = not complete yet
};

std::string get_with(const std::string& fields) {
  return "GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}

std::string post_with(const std::string& fields, const std::string& rest) {
  return "POST /p HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + rest;
}

std::string many_fields(int count) {
  std::string fields;
  for (int i = 1; i < count; ++i) fields += "X-" + std::to_string(i) + ": 1\r\n";
  return get_with(fields);
}

std::string chunked(const std::string& body) {
  return post_with("Transfer-Encoding: chunked\r\n", body);
}

using namespace std::string_literals;

std::vector<Case> framing_cases() {
  return {
      {"plain get", get_with(""), 0},
      {"post with length", post_with("Content-Length: 5\r\n", "hello"), 0},
      {"post with two chunks", chunked("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"), 0},
      {"short body", post_with("Content-Length: 5\r\n", "hell"), -1},
      // 1-3: two framings, two lengths
      {"length and chunked",
       post_with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
      {"chunked and length",
       post_with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"), 400},
      {"two different lengths", post_with("Content-Length: 5\r\nContent-Length: 6\r\n", "hello"),
       400},
      {"two equal lengths", post_with("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"), 400},
      {"length list", post_with("Content-Length: 5, 5\r\n", "hello"), 400},
      {"signed length", post_with("Content-Length: +5\r\n", "hello"), 400},
      {"negative length", post_with("Content-Length: -1\r\n", ""), 400},
      {"hex length", post_with("Content-Length: 0x5\r\n", "hello"), 400},
      {"empty length", post_with("Content-Length:\r\n", ""), 400},
      {"huge length", post_with("Content-Length: 99999999999999999999\r\n", ""), 400},
      // 4: transfer codings
      {"xchunked", post_with("Transfer-Encoding: xchunked\r\n", ""), 501},
      {"chunked, identity", post_with("Transfer-Encoding: chunked, identity\r\n", ""), 501},
      {"gzip, chunked", post_with("Transfer-Encoding: gzip, chunked\r\n", ""), 501},
      {"vertical tab chunked",
       post_with("Transfer-Encoding: \x0b"
                 "chunked\r\n",
                 ""),
       400},
      {"two codings", post_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", ""),
       400},
      // 5: chunk sizes
      {"chunk size 0x10", chunked("0x10\r\n"), 400},
      {"chunk size of 17 digits", chunked("00000000000000005\r\nhello\r\n0\r\n\r\n"), 400},
      {"negative chunk size", chunked("-1\r\n"), 400},
      {"bare LF after size", chunked("5\nhello\r\n0\r\n\r\n"), 400},
      {"no chunk size", chunked("\r\nhello\r\n0\r\n\r\n"), 400},
      {"space behind chunk size", chunked("5 \r\nhello\r\n0\r\n\r\n"), 400},
      {"chunk extension", chunked("5;a=b\r\nhello\r\n0\r\n\r\n"), 400},
      {"chunk longer than said", chunked("5\r\nhelloX\r\n0\r\n\r\n"), 400},
      {"trailer", chunked("0\r\nX-A: b\r\n\r\n"), 400},
      {"bare CR in last chunk", chunked("0\r\r\n\r\n"), 400},
  };
}

std::vector<Case> header_cases() {
  return {
      // 6-8: field syntax
      {"folded line", get_with("X-A: b\r\n c\r\n"), 400},
      {"folded first line", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
      {"space before colon", get_with("X-A : b\r\n"), 400},
      {"tab before colon", get_with("X-A\t: b\r\n"), 400},
      {"no colon", get_with("X-A\r\n"), 400},
      {"empty name", get_with(": b\r\n"), 400},
      {"NUL in value", get_with("X-A: b\0c\r\n"s), 400},
      {"CR in value", get_with("X-A: b\rc\r\n"), 400},
      {"LF in value", get_with("X-A: b\nc\r\n"), 400},
      {"control in value", get_with("X-A: b\x01\r\n"), 400},
      {"DEL in value", get_with("X-A: b\x7f\r\n"), 400},
      {"bare LF line ends", "GET / HTTP/1.1\nHost: a\n\n", 400},
      {"CR CR LF", "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", 400},
      {"empty line first", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      // 10: Host and target forms
      {"no host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"two hosts", get_with("Host: b\r\n"), 400},
      {"two equal hosts", get_with("host: a\r\n"), 400},
      {"host with path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
      {"empty host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
      {"absolute form", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"authority form", "GET b:443 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"asterisk form", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"space in target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"fragment in target", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"broken triplet", "GET /%2 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"raw byte in target", "GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      // 11, 12: sizes
      {"100 fields", many_fields(100), 0},
      {"101 fields", many_fields(101), 431},
      {"header of 16 KiB", get_with("X-A: " + std::string(16384, 'b') + "\r\n"), 431},
      {"target of 8 KiB", "GET /" + std::string(8191, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", 0},
      {"target over 8 KiB", "GET /" + std::string(8192, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
      {"endless target", "GET /" + std::string(20000, 'a'), 414},
      // 13: methods
      {"CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 405},
      {"TRACE", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 405},
      {"lower case", "get / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"unknown method", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"GET with body", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", 400},
      {"GET chunked", "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       400},
      {"GET with length 0", get_with("Content-Length: 0\r\n"), 0},
      {"DELETE with body", "DELETE / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", 400},
      // 15, 16, 21, 22
      {"expect", post_with("Expect: 100-continue\r\nContent-Length: 1\r\n", "x"), 417},
      {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\n\r\n", 505},
      {"HTTP/0.9", "GET /\r\n", 400},
      {"HTTP/1.10", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400},
      {"body at limit", post_with("Content-Length: 65536\r\n", std::string(65536, 'a')), 0},
      {"body over limit by length", post_with("Content-Length: 65537\r\n", ""), 413},
      {"body over limit by chunks", chunked("10000\r\n" + std::string(65536, 'a') + "\r\n1\r\n"),
       413},
      {"gzip", post_with("Content-Encoding: gzip\r\nContent-Length: 1\r\n", "x"), 415},
      {"identity", post_with("Content-Encoding: identity\r\nContent-Length: 1\r\n", "x"), 415},
  };
}

std::vector<Case> all_cases() {
  std::vector<Case> cases = framing_cases();
  for (Case& more : header_cases()) cases.push_back(std::move(more));
  return cases;
}

int outcome(const RequestParser& parser) {
  if (parser.state() == ParserState::failed) return status_of(parser.error().code());
  return parser.state() == ParserState::complete ? 0 : -1;
}

std::string text_of(RequestParser& parser) {
  if (parser.state() == ParserState::failed) return parser.error().to_log();
  if (parser.state() != ParserState::complete) return "incomplete";
  const Request request = parser.take();
  std::string text = request.method + " " + request.target + "\n";
  for (const auto& [name, value] : request.headers.fields()) text += name + "=" + value + "\n";
  return text + request.body;
}

TEST(RequestParser, TableOfFraming) {
  for (const Case& row : all_cases()) {
    RequestParser parser;
    parser.feed(row.bytes);
    EXPECT_EQ(outcome(parser), row.status)
        << row.name << ": "
        << (parser.state() == ParserState::failed ? parser.error().to_log() : "not failed");
  }
}

TEST(RequestParser, OutcomeDoesNotDependOnPacketBoundaries) {
  for (const Case& row : all_cases()) {
    RequestParser whole;
    const std::size_t used = whole.feed(row.bytes);
    const std::string expected = text_of(whole);
    // Long messages are cut at every byte near both ends and at some in between.
    const std::size_t step = row.bytes.size() > 1000 ? row.bytes.size() / 97 : 1;
    for (std::size_t cut = 1; cut < row.bytes.size(); cut += step) {
      RequestParser parser;
      std::size_t fed = parser.feed(row.bytes.substr(0, cut));
      if (fed == cut) fed += parser.feed(row.bytes.substr(cut));
      EXPECT_EQ(fed, used) << row.name << " cut at " << cut;
      ASSERT_EQ(text_of(parser), expected) << row.name << " cut at " << cut;
    }
  }
}

TEST(RequestParser, ByteByByteGivesTheSame) {
  for (const Case& row : all_cases()) {
    RequestParser whole;
    whole.feed(row.bytes);
    RequestParser parser;
    for (const char c : row.bytes) parser.feed(std::string_view(&c, 1));
    ASSERT_EQ(text_of(parser), text_of(whole)) << row.name;
  }
}

TEST(RequestParser, KeepsWhatWasSent) {
  RequestParser parser;
  parser.feed(
      "POST /v1/a?x=1&y=%20 HTTP/1.1\r\nhost: api.example:8443\r\nX-Two:  b \t\r\nX-Two: c\r\n"
      "Content-Length: 3\r\nConnection: close\r\n\r\n{} GET /next");
  ASSERT_EQ(parser.state(), ParserState::complete);
  EXPECT_FALSE(parser.keep_alive());
  const Request request = parser.take();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/v1/a?x=1&y=%20");
  EXPECT_EQ(request.path(), "/v1/a");
  EXPECT_EQ(request.query(), "x=1&y=%20");
  EXPECT_EQ(request.headers.get("HOST"), "api.example:8443");
  EXPECT_EQ(request.headers.get("x-two"), std::nullopt);
  EXPECT_EQ(request.headers.count("x-two"), 2U);
  EXPECT_EQ(request.headers.fields()[1].second, "b");
  EXPECT_EQ(request.body, "{} ");
}

TEST(RequestParser, NamesWithUnderscoreAreDropped) {
  const auto request =
      parse_request(get_with("Idempotency_Key: evil\r\nIdempotency-Key: good\r\n"));
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->headers.count("Idempotency_Key"), 0U);
  EXPECT_EQ(request->headers.get("Idempotency-Key"), "good");
}

TEST(RequestParser, TakesPipelinedRequestsOneByOne) {
  const std::string both = chunked("1\r\na\r\n0\r\n\r\n") + get_with("");
  RequestParser parser;
  const std::size_t used = parser.feed(both);
  ASSERT_EQ(parser.state(), ParserState::complete);
  EXPECT_TRUE(parser.keep_alive());
  EXPECT_EQ(parser.take().body, "a");
  EXPECT_EQ(parser.state(), ParserState::empty);
  EXPECT_EQ(parser.feed(both.substr(used)), both.size() - used);
  EXPECT_EQ(parser.take().method, "GET");
}

TEST(RequestParser, AfterAnErrorNothingIsUsed) {
  RequestParser parser;
  parser.feed("get / HTTP/1.1\r\n");
  ASSERT_EQ(parser.state(), ParserState::failed);
  EXPECT_EQ(parser.feed(get_with("")), 0U);
  EXPECT_EQ(parser.state(), ParserState::failed);
}

}  // namespace
}  // namespace florin::http::request_parser_test
