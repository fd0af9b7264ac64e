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
  /// Which parked facts to look at again: of a PSP's name of an authorization (may be empty), and
  /// those that wait for the end of an operation (may be nil).
  struct Parked {
    ConnectorId connector;
    std::string psp_reference;
    OperationId operation;
  };

  net::Task<Result<bool>> take_fact(ContextPtr context, domain::InboundFact fact);
  /// Books what the fact proves, with the fact's record in the same entry.
  net::Task<Result<void>> conclude(ContextPtr context, domain::InboundFact fact);
  net::Task<Result<void>> book(ContextPtr context, domain::InboundFact fact, domain::Life life);
  /// Books what it says of an operation that has ended, or keeps it until the operation has.
  net::Task<Result<void>> book_late(ContextPtr context, domain::InboundFact fact,
                                    OperationId about);
  net::Task<Result<void>> keep(ContextPtr context, domain::InboundFact fact,
                               domain::InboundState state);
  net::Task<Result<void>> park(ContextPtr context, domain::InboundFact fact);
  void look_for_parked(const ContextPtr& context, const domain::Life& life);
  void look_again(const ContextPtr& context, Parked wanted);
  net::Task<void> apply_parked(ContextPtr context, Parked wanted);
  static Result<std::vector<domain::InboundFact>> find_parked(const Context& context,
                                                              const Parked& wanted);

  net::Runtime& runtime_;
  const Clock& clock_;
  Entropy& entropy_;
  PaymentService& payments_;
  Resolver& resolver_;
  std::set<BooksId> have_parked_;  ///< books that may have parked facts
  std::set<OperationId> early_;    ///< operations for whose end a fact may wait
};

/// Facts that wait for something: parked ones and such as differ from the books; oldest first.
Result<std::vector<domain::InboundFact>> open_inbound_facts(const Context& context,
                                                            std::size_t limit);

/// Facts that two people have closed, the newest first.
Result<std::vector<domain::InboundFact>> closed_inbound_facts(const Context& context,
                                                              std::size_t limit);

}  // namespace florin::engine
