// The security module: locking, unlocking, metrics.
#include "daemon/admin/body.h"
#include "daemon/admin/handlers.h"

namespace florin::admin {
namespace {

constexpr std::size_t kPinLimit = 255;

}  // namespace

Result<http::Response> post_hsm_lock(const Call& call) {
  FLORIN_TRY_VOID(read_texts(call.request, {}));
  FLORIN_TRY(json::object made, call.machine.lock(call.person));
  return document(200, "florin.hsm.status/1", made);
}

Result<http::Response> post_hsm_unlock(const Call& call) {
  FLORIN_TRY(std::vector<std::string> texts, read_texts(call.request, {{"pin", kPinLimit}}));
  const Secret pin(view_of(texts[0]));
  wipe(texts[0]);
  FLORIN_TRY(json::object made, call.machine.unlock(pin, call.person));
  return document(200, "florin.hsm.status/1", made);
}

Result<http::Response> post_hsm_pin(const Call& call) {
  FLORIN_TRY(std::vector<std::string> texts, read_texts(call.request, {{"pin", kPinLimit}}));
  const Secret pin(view_of(texts[0]));
  wipe(texts[0]);
  FLORIN_TRY(json::object made, call.machine.change_pin(pin, call.person));
  return document(200, "florin.hsm.status/1", made);
}

Result<http::Response> post_hsm_probe(const Call& call) {
  FLORIN_TRY_VOID(read_texts(call.request, {}));
  FLORIN_TRY(json::object made, call.machine.probe());
  return document(200, "florin.hsm.probe/1", made);
}

Result<http::Response> get_metrics(const Call& call) {
  http::Response response;
  response.status = 200;
  response.headers.add("Content-Type", "text/plain; version=0.0.4");
  response.headers.add("Cache-Control", "no-store");
  response.body = call.machine.metrics();
  return response;
}

}  // namespace florin::admin
