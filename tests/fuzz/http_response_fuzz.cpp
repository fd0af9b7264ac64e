// HTTP responses of a PSP: the outcome does not depend on how the bytes are cut.
#include <string>

#include "base/bytes.h"
#include "base/check.h"
#include "daemon/http/message.h"
#include "daemon/http/parser.h"

namespace {

using florin::http::ParserState;
using florin::http::ResponseParser;

std::string outcome(std::string_view bytes, std::size_t piece) {
  ResponseParser parser(
      {.header_bytes = 2048, .header_fields = 20, .target_bytes = 512, .body_bytes = 4096});
  const auto reading = [&] {
    return parser.state() != ParserState::failed && parser.state() != ParserState::complete;
  };
  while (!bytes.empty() && reading()) {
    const std::string_view part = bytes.substr(0, piece);
    const std::size_t used = parser.feed(part);
    FLORIN_ASSERT(used <= part.size() && (!reading() || used == part.size()));
    bytes.remove_prefix(used);
  }
  if (reading()) parser.feed_end();
  if (parser.state() == ParserState::complete) {
    const auto response = parser.take();
    return std::to_string(response.status) + response.body;
  }
  if (parser.state() == ParserState::failed) {
    return "failed " + std::string(florin::errc_name(parser.error().code()));
  }
  return "open";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = florin::text_of({data, size});
  const std::string whole = outcome(bytes, bytes.size());
  FLORIN_ASSERT(whole == outcome(bytes, 1));
  FLORIN_ASSERT(whole == outcome(bytes, 7));
  return 0;
}
