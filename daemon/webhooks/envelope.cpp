#include "daemon/webhooks/envelope.h"

#include "base/json.h"

namespace florin::webhooks {

Result<std::string> envelope(const EventFacts& event) {
  FLORIN_TRY(json::value data, json::parse(text_of(event.data)));
  if (!data.is_object()) return Error(Errc::malformed_json, "/data", "an object is expected");
  json::object body;
  body["type"] = event.type;
  body["timestamp"] = to_rfc3339(event.booked_at);
  body["id"] = event.id.text();
  body["api_version"] = kApiVersion;
  body["merchant"] = event.merchant.text();
  body["sequence"] = event.sequence;
  body["data"] = std::move(data);
  return json::write(body);
}

}  // namespace florin::webhooks
