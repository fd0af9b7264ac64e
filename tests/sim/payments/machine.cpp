#include "machine.h"

#include "base/hash.h"
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
        resolver(runtime, timeline, contexts, payments, acquirer),
        inbox(runtime, timeline, dice, payments, resolver) {}
  engine::ContextRegistry contexts;
  engine::Acquirer acquirer;
  engine::PaymentService payments;
  net::Runtime runtime;
  engine::Resolver resolver;
  engine::NoticeInbox inbox;
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
    recovered = co_await process_->inbox.recover(context);
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
  const ContextPtr context = context_of(request.house);
  engine::PaymentService& payments = process_->payments;
  const std::string body = std::to_string(request.amount.value_or(-1)) + request.currency +
                           (request.final_capture ? "f" : "") + (request.manual ? "m" : "") +
                           request.token + request.reference + (request.confirmed ? "" : "w");
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
    Result<Reply> reply = co_await payments.create(context, caller, terms, request.confirmed);
    answer(std::move(reply));
    co_return;
  }
  const PaymentId payment = *PaymentId::parse(request.payment);
  Result<Reply> reply = Error(Errc::internal);
  if (request.ask == Ask::confirm) {
    reply = co_await payments.confirm(context, caller, payment);
  } else if (request.ask == Ask::capture) {
    reply = co_await payments.capture(context, caller, payment, amount, request.final_capture);
  } else if (request.ask == Ask::void_rest) {
    reply = co_await payments.void_rest(context, caller, payment);
  } else {
    reply = co_await payments.refund(context, caller, payment, *amount, "because");
  }
  answer(std::move(reply));
}

bool Machine::notify(std::size_t house, std::shared_ptr<const http::Request> notice,
                     std::function<void(bool)> done) {
  if (!serving_) return false;
  process_->runtime.spawn("notice",
                          [this, house, notice = std::move(notice), done = std::move(done)] {
                            return take_notice(house, notice, done);
                          });
  return true;
}

net::Task<void> Machine::take_notice(std::size_t house, std::shared_ptr<const http::Request> notice,
                                     std::function<void(bool)> done) {
  const auto receipt = co_await process_->inbox.take(context_of(house), houses_.at(house).connector,
                                                     std::move(notice));
  done(receipt.ok());
}

bool Machine::resolve(std::size_t house, OperationId operation, bool succeeded,
                      std::string psp_reference, std::function<void(Result<bool>)> done) {
  if (!serving_) return false;
  domain::Decision decision{
      .verdict = succeeded ? domain::Verdict::succeeded : domain::Verdict::not_executed,
      .evidence = {},
      .request = "R-0042",
      .psp_reference = std::move(psp_reference)};
  process_->runtime.spawn(
      "decision", [this, house, operation, decision = std::move(decision), done = std::move(done)] {
        return book_decision(house, operation, decision, done);
      });
  return true;
}

// As the order of two people does it in the composition root.
net::Task<void> Machine::book_decision(std::size_t house, OperationId operation,
                                       domain::Decision decision,
                                       std::function<void(Result<bool>)> done) {
  const ContextPtr context = context_of(house);
  auto life = engine::load_life(*context, operation);
  FLORIN_ASSERT(life.ok());
  engine::PaymentService::Rule rule =
      [decision](const domain::Life& now, UnixNanos time) -> Result<std::optional<domain::Plan>> {
    if (!domain::next_state(now.operation.state, domain::OperationInput::decided_succeeded)) {
      return std::optional<domain::Plan>();
    }
    FLORIN_TRY(domain::Plan plan, domain::resolve(now, decision, time));
    return std::optional(std::move(plan));
  };
  const Hash32 digest = sha256(view_of(operation.text()));
  const Uuid first = new_uuid(timeline_, dice_);
  engine::Provenance provenance{.actor = {ledger::ActorKind::person, first},
                                .entry = new_uuid(timeline_, dice_),
                                .note = "decided by two people",
                                .evidence = "two people"};
  provenance.approvals = {{first, digest}, {new_uuid(timeline_, dice_), digest}};
  const auto booking = co_await process_->payments.book(context, std::move(*life), std::move(rule),
                                                        std::move(provenance));
  done(booking.ok() ? Result<bool>(booking->booked) : Result<bool>(booking.error()));
}

ContextPtr Machine::context_of(std::size_t house) const {
  return *process_->contexts.find(houses_.at(house).tenant, ledger::Mode::test);
}

std::string Machine::read(std::size_t house, const std::string& payment) const {
  const ContextPtr context = context_of(house);
  const auto view = engine::load_view(*context, *PaymentId::parse(payment));
  return view.ok() ? engine::render(*context, *view) : std::string();
}

std::vector<OpenOperation> Machine::open_operations() const {
  std::vector<OpenOperation> out;
  for (std::size_t house = 0; house < houses_.size(); ++house) {
    const ContextPtr context = context_of(house);
    const auto open = engine::unresolved_operations(*context);
    FLORIN_ASSERT(open.ok());
    for (const OperationId& id : *open) {
      const auto life = engine::load_life(*context, id);
      FLORIN_ASSERT(life.ok());
      const domain::Operation& operation = life->operation;
      if (operation.state == domain::OperationState::dispatched) continue;
      out.push_back({house, id, operation.psp_key, operation.kind, operation.state});
    }
  }
  return out;
}

std::size_t Machine::unfinished() const {
  std::size_t count = 0;
  for (const ContextPtr& context : process_->contexts.all()) {
    const auto open = engine::unresolved_operations(*context);
    FLORIN_ASSERT(open.ok());
    count += open->size();
  }
  return count;
}

}  // namespace florin::sim
