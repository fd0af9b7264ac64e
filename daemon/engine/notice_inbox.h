#pragma once
/// What PSPs say unasked: verified, written down once, applied or kept until it can be.
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/entropy.h"
#include "daemon/connectors/notice.h"
#include "daemon/domain/inbound_fact.h"
#include "daemon/engine/payment_service.h"
#include "daemon/engine/resolver.h"

namespace florin::engine {

/// What was made of one notice.
struct NoticeReceipt {
  std::size_t facts = 0;
  std::size_t duplicates = 0;  ///< of them, received before
};

/// Runs on the I/O thread. What it refers to outlives it.
class NoticeInbox {
 public:
  NoticeInbox(net::Runtime& runtime, const Clock& clock, Entropy& entropy, PaymentService& payments,
              Resolver& resolver);

  /// When it succeeds, every fact of the notice is durable: with the outcome that it is, in the
  /// same entry, or by itself. Errors: `not_found` (the connector takes no notices), those of
  /// NoticeVerifier::verify; anything else is ours, and the PSP has to send it again.
  net::Task<Result<NoticeReceipt>> take(ContextPtr context, ConnectorId connector,
                                        std::shared_ptr<const http::Request> request);
  /// At start: looks again at what is parked.
  net::Task<Result<void>> recover(ContextPtr context);

 private:
  using BooksId = std::pair<TenantId, ledger::Mode>;

  net::Task<Result<bool>> take_fact(ContextPtr context, domain::InboundFact fact);
  /// Books what the fact proves, with the fact's record in the same entry.
  net::Task<Result<void>> conclude(ContextPtr context, domain::InboundFact fact);
  net::Task<Result<void>> book(ContextPtr context, domain::InboundFact fact, domain::Life life);
  net::Task<Result<void>> keep(ContextPtr context, domain::InboundFact fact,
                               domain::InboundState state);
  void look_for_parked(const ContextPtr& context, const domain::Life& life);
  net::Task<void> apply_parked(ContextPtr context, ConnectorId connector,
                               std::string psp_reference);

  net::Runtime& runtime_;
  const Clock& clock_;
  Entropy& entropy_;
  PaymentService& payments_;
  Resolver& resolver_;
  std::set<BooksId> have_parked_;  ///< books that may have parked facts
};

/// Facts that wait for something: parked ones and such as differ from the books; oldest first.
Result<std::vector<domain::InboundFact>> open_inbound_facts(const Context& context,
                                                            std::size_t limit);

}  // namespace florin::engine
