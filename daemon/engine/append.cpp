#include "daemon/engine/append.h"

namespace florin::engine {

// The callables below are named before they are awaited on: g++ 12 destroys a temporary lambda in a
// co_await expression twice.
net::Task<Result<ledger::Receipt>> append(ContextPtr context, ledger::Command command) {
  using Answer = std::optional<Result<ledger::Receipt>>;
  // std::function wants copyable captures; the command is moved out of the shared box once.
  auto box = std::make_shared<ledger::Command>(std::move(command));
  ledger::Ledger* const ledger = &context->books();
  std::function<void(std::function<void(Answer)>)> begin = [ledger,
                                                            box](std::function<void(Answer)> done) {
    ledger->submit(std::move(*box), [done = std::move(done)](Result<ledger::Receipt> result) {
      done(std::move(result));
    });
  };
  Answer answer = co_await net::await_callback<Answer>(std::move(begin));
  co_return std::move(*answer);
}

net::Task<Result<void>> wait_visible(ContextPtr context) {
  using Answer = std::optional<Result<void>>;
  ledger::Ledger* const ledger = &context->books();
  const std::uint64_t next_seq = ledger->head().next_seq;
  if (next_seq == 0) co_return Result<void>{};
  std::function<void(std::function<void(Answer)>)> begin = [ledger, next_seq](
                                                               std::function<void(Answer)> done) {
    ledger->wait_visible(
        next_seq - 1, [done = std::move(done)](Result<void> result) { done(std::move(result)); });
  };
  Answer answer = co_await net::await_callback<Answer>(std::move(begin));
  co_return std::move(*answer);
}

}  // namespace florin::engine
