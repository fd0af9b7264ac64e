// HTTP requests: the outcome does not depend on how the bytes are cut, and what is read can be
// written.
#include <string>

#include "base/bytes.h"
#include "base/check.h"
#include "daemon/http/message.h"
#include "daemon/http/parser.h"

namespace {

using florin::http::ParserState;
using florin::http::Request;
using florin::http::RequestParser;

// Everything that a connection would see of the bytes: the messages and how it ended.
std::string outcome(std::string_view bytes, std::size_t piece) {
  RequestParser parser(
      {.header_bytes = 2048, .header_fields = 20, .target_bytes = 512, .body_bytes = 4096});
  std::string seen;
  while (!bytes.empty() && parser.state() != ParserState::failed) {
    const std::string_view part = bytes.substr(0, piece);
    const std::size_t used = parser.feed(part);
    FLORIN_ASSERT(used <= part.size());
    bytes.remove_prefix(used);
    if (parser.state() == ParserState::complete) {
      const bool keep_alive = parser.keep_alive();
      const Request request = parser.take();
      seen += request.method + " " + request.target + "\n";
      for (const auto& [name, value] : request.headers.fields()) seen += name + ":" + value + "\n";
      seen += request.body + (keep_alive ? "\nkeep\n" : "\nclose\n");
      if (!keep_alive) return seen;
    } else {
      // A parser that still wants more has taken all there was.
      FLORIN_ASSERT(parser.state() == ParserState::failed || used == part.size());
    }
  }
  if (parser.state() == ParserState::failed) {
    return seen + "failed " + std::string(florin::errc_name(parser.error().code()));
  }
  return seen + "open " + std::to_string(static_cast<int>(parser.state()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = florin::text_of({data, size});
  const std::string whole = outcome(bytes, bytes.size());
  FLORIN_ASSERT(whole == outcome(bytes, 1));
  FLORIN_ASSERT(whole == outcome(bytes, 7));
  return 0;
}
