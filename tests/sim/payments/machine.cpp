#include "machine.h"

#include "daemon/engine/context_registry.h"
#include "daemon/engine/store.h"
#include "daemon/engine/translate.h"

namespace florin::sim {

using engine::Caller;
using engine::ContextPtr;
using engine::Reply;

void Sleepers::after(std::chrono::milliseconds duration, std::function<void()> done) {
  const std::uint64_t number = ++last_;
  sleeping_.emplace(number, std::move(done));
  timeline_.in(std::chrono::nanoseconds(duration).count(), [this, number] {
    const auto sleeper = sleeping_.extract(number);
    if (!sleeper.empty()) sleeper.mapped()();
  });
}

/// As in the composition root.
struct Machine::Process {
  Process(Timeline& timeline, Dice& dice, FaultyNetwork& network, net::Waits& waits)
      : acquirer(network, timeline),
        payments(timeline, dice, acquirer),
        runtime(&waits),
        resolver(runtime, timeline, contexts, payments, acquirer) {}
  engine::ContextRegistry contexts;
  engine::Acquirer acquirer;
  engine::PaymentService payments;
  net::Runtime runtime;
  engine::Resolver resolver;
};

Machine::Machine(Timeline& timeline, Dice& dice, FaultyNetwork& network, std::vector<House> houses,
                 Sabotage sabotage)
    : timeline_(timeline),
      dice_(dice),
      network_(network),
      houses_(std::move(houses)),
      sabotage_(sabotage),
      sleepers_(timeline) {}

Machine::~Machine() {
  crash();
}

void Machine::start() {
  process_ = std::make_unique<Process>(timeline_, dice_, network_, sleepers_);
  for (const House& house : houses_) {
    auto context =
        engine::Context::make({house.tenant, ledger::Mode::test, house.books, house.keys});
    FLORIN_ASSERT(context.ok());
    process_->contexts.put(std::move(*context));
  }
  process_->runtime.spawn("recover", [this] { return recover(); });
}

// The merchant port opens when all that an earlier run left open is booked as unknown.
net::Task<void> Machine::recover() {
  for (const ContextPtr& context : process_->contexts.all()) {
    auto recovered = co_await process_->resolver.recover(context);
    FLORIN_ASSERT(recovered.ok());
  }
  serving_ = true;
}

void Machine::crash() {
  if (!process_) return;
  serving_ = false;
  steps_left_ = -1;
  ++crashes_;
  for (const House& house : houses_) house.books->crash();
  // Whoever holds a coroutine's continuation lets go of it before the runtime ends.
  network_.forget_waiting();
  sleepers_.forget();
  process_.reset();
}

void Machine::run() {
  while (process_ && process_->runtime.context().poll_one() > 0) {
    if (steps_left_ > 0) --steps_left_;
    if (steps_left_ == 0) crash();
  }
}

bool Machine::ask(const Request& request, Answer answer) {
  if (!serving_) return false;
  process_->runtime.spawn("ask", [this, request, nonce = ++nonces_, answer = std::move(answer)] {
    return serve(request, nonce, answer);
  });
  return true;
}

net::Task<void> Machine::serve(Request request, std::uint64_t nonce, Answer answer) {
  const House& house = houses_.at(request.house);
  const ContextPtr context = *process_->contexts.find(house.tenant, ledger::Mode::test);
  engine::PaymentService& payments = process_->payments;
  const std::string body = std::to_string(request.amount.value_or(-1)) + request.currency +
                           (request.final_capture ? "f" : "") + (request.manual ? "m" : "") +
                           request.token + request.reference;
  if (sabotage_ == Sabotage::no_join) request.key += std::to_string(nonce);
  const std::string path = request.payment + "/" + std::to_string(static_cast<int>(request.ask));
  const Caller caller{.merchant = request.merchant,
                      .credential = {},
                      .idempotency_key = context->idempotency_key(request.merchant, request.key),
                      .fingerprint = context->fingerprint("POST", path, "", body),
                      .nonce_key = context->nonce_key("credential", std::to_string(nonce))};
  const Currency currency = *Currency::parse(request.currency);
  std::optional<Money> amount;
  if (request.amount) amount = *Money::make(*request.amount, currency);
  if (request.ask == Ask::create) {
    domain::PaymentTerms terms{.merchant = request.merchant, .amount = *amount};
    terms.capture_method =
        request.manual ? domain::CaptureMethod::manual : domain::CaptureMethod::automatic;
    terms.merchant_reference = request.reference;
    terms.payment_token = request.token;
    terms.metadata = "{}";
    Result<Reply> reply = co_await payments.create(context, caller, terms);
    answer(std::move(reply));
    co_return;
  }
  const PaymentId payment = *PaymentId::parse(request.payment);
  Result<Reply> reply = Error(Errc::internal);
  if (request.ask == Ask::capture) {
    reply = co_await payments.capture(context, caller, payment, amount, request.final_capture);
  } else if (request.ask == Ask::void_rest) {
    reply = co_await payments.void_rest(context, caller, payment);
  } else {
    reply = co_await payments.refund(context, caller, payment, *amount, "because");
  }
  answer(std::move(reply));
}

std::string Machine::read(std::size_t house, const std::string& payment) const {
  const House& where = houses_.at(house);
  const ContextPtr context = *process_->contexts.find(where.tenant, ledger::Mode::test);
  const auto view = engine::load_view(*context, *PaymentId::parse(payment));
  return view.ok() ? engine::render(*context, *view) : std::string();
}

std::size_t Machine::doubts() const {
  std::size_t count = 0;
  for (const ContextPtr& context : process_->contexts.all()) {
    const auto open = engine::unresolved_operations(*context);
    FLORIN_ASSERT(open.ok());
    for (const OperationId& id : *open) {
      const auto life = engine::load_life(*context, id);
      FLORIN_ASSERT(life.ok());
      // A review is left to people.
      if (domain::awaits_evidence(life->operation.state)) ++count;
    }
  }
  return count;
}

}  // namespace florin::sim
