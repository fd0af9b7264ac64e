#include "clients.h"

namespace florin::sim {
namespace {

// How long a client waits before it asks again, whatever became of its request.
constexpr std::int64_t kLeastPatience = 300 * kMillisecond;
constexpr std::int64_t kMostPatience = 40 * kSecond;
constexpr unsigned kMostRefusals = 6;

// The request had no effect and the same one may have it later.
bool worth_repeating(Errc code) {
  switch (code) {
    case Errc::idempotency_in_progress:
    case Errc::version_conflict:
    case Errc::overloaded:
    case Errc::ledger_stopped:
      return true;
    default:
      return false;
  }
}

// May be otherwise in a while; some clients wait for it, some give up.
bool may_pass(Errc code) {
  return code == Errc::operation_in_doubt || code == Errc::state_conflict;
}

}  // namespace

std::int64_t Clients::some_delay() {
  return dice_.between(0, dice_.pick({std::int64_t{0}, 2 * kMillisecond, 500 * kMillisecond,
                                      30 * kSecond, 6 * kHour}));
}

Order& Clients::add(Request request, std::size_t life, std::int64_t delay) {
  request.key = "key-" + std::to_string(orders_.size());
  Order& order = orders_.emplace_back();
  order.request = std::move(request);
  order.life = life;
  ++open_;
  timeline_.in(delay, [this, &order] { send(order); });
  return order;
}

void Clients::begin_life() {
  const std::size_t number = lives_.size();
  Life& life = lives_.emplace_back();
  Request request;
  request.house = dice_.below(machine_.houses().size());
  const std::vector<MerchantId>& merchants = machine_.houses()[request.house].merchants;
  request.merchant = merchants[dice_.below(merchants.size())];
  request.amount = dice_.between(100, 1'000'000);
  request.currency = dice_.pick({"EUR", "JPY", "KWD"});
  request.manual = dice_.per_mille(600);
  request.token = dice_.per_mille(100) ? "tok_decline_do_not_honor" : "tok_approve";
  request.reference = "order-" + std::to_string(number);
  request.confirmed = !dice_.per_mille(150);
  life.create = &add(std::move(request), number, 0);
}

void Clients::send(Order& order) {
  if (order.settled() && !ending_ && dice_.per_mille(700)) return;
  ++order.sends;
  machine_.ask(order.request, [this, &order](const Reply& reply) { hear(order, reply); });
  if (ending_) return;
  // Silence, from a dead daemon or a slow one, is answered by asking again.
  wake(order, dice_.between(kLeastPatience, kMostPatience));
  if (!dice_.per_mille(60)) return;
  ++late_;
  timeline_.in(some_delay(), [this, &order] {
    --late_;
    send(order);
  });
}

void Clients::wake(Order& order, std::int64_t delay) {
  timeline_.in(delay, [this, &order, turn = ++order.turn] {
    if (turn == order.turn && !order.settled()) send(order);
  });
}

void Clients::hear(Order& order, const Reply& reply) {
  if (ending_) return check_again(order, reply);
  if (reply.ok()) return accept(order, *reply);
  refuse(order, reply.error().code());
}

void Clients::accept(Order& order, const engine::Reply& reply) {
  if (!reply.replayed && ++order.executed > 1) complain(order, "was executed twice");
  const Answered answer{reply.status, reply.body};
  if (order.answer && *order.answer != answer) complain(order, "has two answers");
  const bool first = !order.settled();
  if (!order.answer) order.answer = answer;
  order.refusal.reset();
  if (!first) return;
  if (order.request.ask == Ask::create) {
    lives_[order.life].payment = PaymentId{reply.payment}.text();
    if (!order.request.confirmed) confirm_payment(order.life);
  }
  // A payment that goes on from here; of several confirmations only one is ever taken.
  const bool begins = order.request.ask == Ask::confirm ||
                      (order.request.ask == Ask::create && order.request.confirmed);
  if (begins) command_payment(order.life);
  if (dice_.per_mille(50)) misuse_key(order);
  settle(order);
}

void Clients::refuse(Order& order, Errc code) {
  if (order.settled()) return;
  if (worth_repeating(code)) return wake(order, dice_.between(10 * kMillisecond, 2 * kSecond));
  if (may_pass(code) && order.sends < kMostRefusals && dice_.per_mille(500)) return;
  order.refusal = code;
  settle(order);
}

void Clients::settle(Order& /*order*/) {
  --open_;
}

// Another request under the same key must never be answered with this one's answer, or executed.
void Clients::misuse_key(Order& order) {
  Request other = order.request;
  other.amount = other.amount.value_or(0) + 1;
  machine_.ask(other, [this, &order](const Reply& reply) {
    if (reply.ok() || reply.error().code() != Errc::idempotency_key_reused) {
      complain(order, "shares its key with another request");
    }
  });
}

void Clients::check_again(Order& order, const Reply& reply) {
  if (order.refusal && !order.answer) return;  // nothing was promised
  if (tombstones_) {
    if (reply.ok() || reply.error().code() != Errc::idempotency_key_expired) {
      complain(order, "is no tombstone after its time");
    }
    return;
  }
  if (!reply.ok()) {
    complain(order, "was not repeated: " + reply.error().to_log());
  } else if (!reply->replayed || Answered{reply->status, reply->body} != *order.answer) {
    complain(order, "was answered otherwise when it was repeated");
  }
}

void Clients::repeat_everything() {
  ending_ = true;
  for (Order& order : orders_) {
    if (order.answer) send(order);
  }
}

void Clients::look() {
  for (Life& life : lives_) {
    if (!life.payment.empty()) life.view = machine_.read(life.create->request.house, life.payment);
  }
}

void Clients::complain(const Order& order, const std::string& what) {
  complaints_.push_back(order.request.key + " of " + lives_[order.life].create->request.reference +
                        " " + what);
}

}  // namespace florin::sim
