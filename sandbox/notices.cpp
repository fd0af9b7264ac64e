#include "sandbox/notices.h"

#include <algorithm>

#include "base/hash.h"
#include "base/log.h"

namespace florin::sandbox {
namespace {

constexpr std::size_t kMostHeld = 10'000;
constexpr std::int64_t kMostCopies = 10;
constexpr int kMostAttempts = 6;

// The same operation with the same answer makes the same event.
std::string event_id(const json::object& record) {
  return "evt_" + to_hex(BytesView(sha256(view_of(json::write(record)))).first(12));
}

}  // namespace

Notices::Notices(net::Runtime& runtime, const Clock& clock, std::shared_ptr<net::Client> client,
                 net::Url url, Secret secret)
    : runtime_(runtime),
      clock_(clock),
      client_(std::move(client)),
      url_(std::move(url)),
      secret_(std::move(secret)) {}

void Notices::tell(const json::object& record) {
  if (delivery_ == Delivery::drop) return;
  json::object event;
  event["id"] = event_id(record);
  event["type"] = "operation.answered";
  event["created"] = clock_.now() / kNanosPerSecond;
  for (const auto& member : record) {
    if (member.key() != "state") event[member.key()] = member.value();
  }
  if (const json::value* answer = record.if_contains("answer"); answer && answer->is_object()) {
    if (const json::value* charge = answer->get_object().if_contains("charge")) {
      event["charge"] = *charge;
    }
  }
  give(event);
}

void Notices::tell_after(std::string_view type, const json::object& object) {
  if (delivery_ == Delivery::drop) return;
  json::object event;
  event["id"] = event_id(object);
  event["type"] = type;
  event["created"] = clock_.now() / kNanosPerSecond;
  event["object"] = object;
  give(event);
}

void Notices::give(const json::object& event) {
  const std::string body = json::write(event);
  if (delivery_ == Delivery::send) return start(body);
  if (held_.size() < kMostHeld) held_.push_back(body);
}

Result<void> Notices::set(const json::value& body) {
  json::Reader reader(body);
  const std::string wanted = reader.text("delivery", 8).value_or("");
  if (auto errors = reader.finish(); !errors.empty()) return std::move(errors.front());
  if (wanted == "send") {
    delivery_ = Delivery::send;
  } else if (wanted == "hold") {
    delivery_ = Delivery::hold;
  } else if (wanted == "drop") {
    delivery_ = Delivery::drop;
  } else {
    return Error(Errc::malformed_value, "/delivery", "expected send, hold or drop");
  }
  return {};
}

Result<void> Notices::release(const json::value& body) {
  json::Reader reader(body);
  const std::string order = reader.text("order", 16).value_or("");
  const std::int64_t copies = reader.integer("copies").value_or(0);
  if (auto errors = reader.finish(); !errors.empty()) return std::move(errors.front());
  if (order != "as_made" && order != "reversed") {
    return Error(Errc::malformed_value, "/order", "expected as_made or reversed");
  }
  if (copies < 1 || copies > kMostCopies) {
    return Error(Errc::malformed_value, "/copies", "expected 1 to 10");
  }
  std::vector<std::string> all = std::exchange(held_, {});
  if (order == "reversed") std::reverse(all.begin(), all.end());
  for (const std::string& each : all) {
    for (std::int64_t copy = 0; copy < copies; ++copy) start(each);
  }
  return {};
}

json::value Notices::print() const {
  json::object out;
  out["delivery"] = delivery_ == Delivery::send   ? "send"
                    : delivery_ == Delivery::hold ? "hold"
                                                  : "drop";
  out["held"] = held_.size();
  out["sent"] = sent_;
  out["failed"] = failed_;
  return out;
}

void Notices::start(const std::string& body) {
  runtime_.spawn("notice", [this, body] { return deliver(body); });
}

net::Task<void> Notices::deliver(std::string body) {
  for (int attempt = 1; attempt <= kMostAttempts; ++attempt) {
    if (co_await post(body)) {
      ++sent_;
      co_return;
    }
    if (attempt < kMostAttempts) co_await net::sleep_for(std::chrono::seconds(attempt));
  }
  ++failed_;
}

net::Task<bool> Notices::post(std::string body) {
  const std::string time = std::to_string(clock_.now() / kNanosPerSecond);
  http::Request request;
  request.method = "POST";
  request.target = url_.target;
  request.headers.add("Content-Type", "application/json");
  request.headers.add(
      "Sandbox-Signature",
      "t=" + time + ",v1=" +
          to_hex(hmac_sha256(secret_.view(), {view_of(time), view_of("."), view_of(body)})));
  request.body = std::move(body);
  const net::Exchange exchange = co_await client_->send(url_, std::move(request));
  const bool taken =
      exchange.response && exchange.response->status >= 200 && exchange.response->status < 300;
  if (!taken) {
    log(LogLevel::warning, "sandbox.notice_not_taken",
        {{"status", exchange.response ? exchange.response->status : 0}});
  }
  co_return taken;
}

}  // namespace florin::sandbox
