// What merchants ask of a payment that exists, each as a decision over what the books have.
#include "daemon/engine/payment_service.h"

namespace florin::engine {

net::Task<Result<Reply>> PaymentService::capture(ContextPtr context, Caller caller,
                                                 PaymentId payment, std::optional<Money> amount,
                                                 bool final_capture) {
  const UnixNanos now = clock_.now();
  Decide decide = [amount, final_capture, now](const domain::Payment& state,
                                               const domain::Attempt& attempt,
                                               domain::NewOperation operation) {
    return domain::capture(state, attempt, {amount, final_capture, std::move(operation)}, now);
  };
  co_return co_await command(context, caller, payment, "capture", std::move(decide));
}

net::Task<Result<Reply>> PaymentService::increment(ContextPtr context, Caller caller,
                                                   PaymentId payment, Money amount) {
  const UnixNanos now = clock_.now();
  Decide decide = [amount, now](const domain::Payment& state, const domain::Attempt& attempt,
                                domain::NewOperation operation) {
    return domain::increment(state, attempt, {amount, std::move(operation)}, now);
  };
  co_return co_await command(context, caller, payment, "increment", std::move(decide));
}

net::Task<Result<Reply>> PaymentService::void_rest(ContextPtr context, Caller caller,
                                                   PaymentId payment) {
  const UnixNanos now = clock_.now();
  Decide decide = [now](const domain::Payment& state, const domain::Attempt& attempt,
                        const domain::NewOperation& operation) {
    return domain::void_rest(state, attempt, operation, now);
  };
  co_return co_await command(context, caller, payment, "void", std::move(decide));
}

net::Task<Result<Reply>> PaymentService::refund(ContextPtr context, Caller caller,
                                                PaymentId payment, Money amount,
                                                std::string reason) {
  const UnixNanos now = clock_.now();
  Decide decide = [amount, reason, now](const domain::Payment& state,
                                        const domain::Attempt& attempt,
                                        domain::NewOperation operation) {
    return domain::refund(state, attempt, {amount, reason, std::move(operation)}, now);
  };
  co_return co_await command(context, caller, payment, "refund", std::move(decide));
}

}  // namespace florin::engine
