#include "daemon/net/client.h"

namespace florin::net {

std::string_view stage_name(Stage stage) noexcept {
  switch (stage) {
    case Stage::request:
      return "request";
    case Stage::dns:
      return "dns";
    case Stage::address:
      return "address";
    case Stage::tcp:
      return "tcp";
    case Stage::tls:
      return "tls";
    case Stage::answer:
      return "answer";
  }
  return "";
}

}  // namespace florin::net
