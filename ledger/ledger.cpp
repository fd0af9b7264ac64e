#include "ledger/ledger.h"

#include <future>

namespace florin::ledger {

Result<void> Ledger::catch_up() {
  const std::uint64_t next_seq = head().next_seq;
  if (next_seq == 0) return {};
  const auto promise = std::make_shared<std::promise<Result<void>>>();
  wait_visible(next_seq - 1,
               [promise](Result<void> result) { promise->set_value(std::move(result)); });
  return promise->get_future().get();
}

}  // namespace florin::ledger
