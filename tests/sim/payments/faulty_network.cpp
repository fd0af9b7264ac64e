#include "faulty_network.h"

#include "json_members.h"

namespace florin::sim {
namespace {

void set_member(http::Response& response, std::string_view name, const json::value& value) {
  auto body = json::parse(response.body);
  if (!body.ok() || !body->is_object()) return;
  json::object& object = body->get_object();
  // The answer of an inquiry has the operation's inside.
  json::value* const inner = object.if_contains("answer");
  json::object& target = inner != nullptr && inner->is_object() ? inner->get_object() : object;
  if (target.contains(name)) target[name] = value;
  response.body = json::write(*body);
}

}  // namespace

std::string_view fate_name(Fate fate) noexcept {
  constexpr std::array<std::string_view, kFates> names = {
      "well",         "unsent",      "request lost",   "request late",    "request twice",
      "reset before", "reset after", "answer lost",    "answer late",     "error before",
      "error after",  "answer cut",  "answer altered", "answer of others"};
  return names.at(static_cast<std::size_t>(fate));
}

Fate FaultyNetwork::draw() {
  Fate fate = Fate::well;
  if (dice_.per_mille(faults_per_mille_)) fate = static_cast<Fate>(1 + dice_.below(kFates - 1));
  ++tally_.at(static_cast<std::size_t>(fate));
  return fate;
}

net::Task<net::Exchange> FaultyNetwork::send(net::Url /*url*/, http::Request request) {
  const std::uint64_t number = ++last_;
  travel(number, std::make_shared<const http::Request>(std::move(request)));
  std::function<void(Done)> begin = [this, number](Done done) {
    waiting_.emplace(number, std::move(done));
  };
  std::optional<net::Exchange> exchange =
      co_await net::await_callback<std::optional<net::Exchange>>(std::move(begin));
  co_return std::move(*exchange);
}

void FaultyNetwork::travel(std::uint64_t number, const Sent& request) {
  const std::int64_t there = dice_.between(kMillisecond, 40 * kMillisecond);
  const std::int64_t back = dice_.between(kMillisecond, 400 * kMillisecond);
  const Fate fate = draw();
  const auto nobody = [](const http::Response&) {};
  switch (fate) {
    case Fate::unsent:
      return fail(number, there, Errc::connection_failed, false);
    case Fate::error_before:
      return answer(number, there, {.status = 503, .headers = {}, .body = "<h1>later</h1>"});
    case Fate::reset_before:
      return fail(number, there, Errc::connection_failed, true);
    case Fate::reset_after:
      arrive(there, request, nobody);
      return fail(number, there + back, Errc::connection_failed, true);
    case Fate::request_lost:
      return fail(number, kPatience, Errc::timed_out, true);
    case Fate::request_late:
      arrive(kPatience + dice_.between(0, 2 * kHour), request, nobody);
      return fail(number, kPatience, Errc::timed_out, true);
    case Fate::answer_lost:
    case Fate::answer_late:
      arrive(there, request, nobody);
      if (sabotage_ == Sabotage::resend_anew) break_rules(request);
      return fail(number, kPatience, Errc::timed_out, sabotage_ != Sabotage::timeout_is_failure);
    case Fate::request_twice:
      arrive(there + dice_.between(0, dice_.pick({kMillisecond, kSecond, 2 * kHour})), request,
             nobody);
      break;
    default:
      break;
  }
  arrive(there, request, [this, number, back, fate](http::Response response) {
    spoil(fate, response);
    answer(number, back, std::move(response));
  });
}

void FaultyNetwork::spoil(Fate fate, http::Response& response) {
  if (fate == Fate::error_after) {
    response = {.status = 500, .headers = {}, .body = R"({"code":"fault","message":"oops"})"};
  } else if (fate == Fate::answer_cut) {
    response.body.resize(dice_.below(response.body.size()));
  } else if (fate == Fate::answer_altered) {
    set_member(response, "amount", dice_.between(1, 1'000'000'000));
    altered_.insert(text_of(parsed(response.body), "reference"));
  } else if (fate == Fate::answer_of_others) {
    set_member(response, "reference", "op_00000000000000000000000000");
  }
}

void FaultyNetwork::arrive(std::int64_t delay, const Sent& request, Then then) {
  ++flying_;
  timeline_.in(delay, [this, request, then = std::move(then)] {
    --flying_;
    then(psp_.answer(*request));
  });
}

void FaultyNetwork::answer(std::uint64_t number, std::int64_t delay, http::Response response) {
  net::Exchange exchange;
  exchange.response = std::move(response);
  exchange.request_may_have_left = true;
  timeline_.in(delay, [this, number, exchange] { finish(number, exchange); });
}

void FaultyNetwork::fail(std::uint64_t number, std::int64_t delay, Errc code, bool may_have_left) {
  net::Exchange exchange;
  exchange.error = Error(code);
  exchange.request_may_have_left = may_have_left;
  timeline_.in(delay, [this, number, exchange] { finish(number, exchange); });
}

void FaultyNetwork::finish(std::uint64_t number, const net::Exchange& exchange) {
  const auto waiting = waiting_.extract(number);
  if (!waiting.empty()) waiting.mapped()(exchange);
}

void FaultyNetwork::break_rules(const Sent& request) {
  http::Request again = *request;
  const auto key = again.headers.get("Idempotency-Key");
  if (!key) return;
  std::string other(*key);
  other.front() = other.front() == '0' ? '1' : '0';
  again.headers.set("Idempotency-Key", std::move(other));
  arrive(kSecond, std::make_shared<const http::Request>(std::move(again)),
         [](const http::Response&) {});
}

}  // namespace florin::sim
