#pragma once
/// Reading payment objects out of the books.
#include <optional>
#include <string>
#include <vector>

#include "daemon/domain/codec.h"
#include "daemon/domain/kinds.h"
#include "daemon/domain/plan.h"
#include "daemon/engine/context.h"

namespace florin::engine {

/// A payment with all that an answer shows of it.
struct PaymentView {
  domain::Payment payment;
  std::vector<domain::Capture> captures;
  std::vector<domain::Refund> refunds;
};

/// With its personal fields, as far as they can be opened. Errors: `not_found`, and those of the
/// ledger.
Result<domain::Payment> load_payment(const Context& context, const PaymentId& id);
Result<domain::Attempt> load_attempt(const Context& context, const AttemptId& id);
/// The payment's latest attempt; one without an identifier while it was never confirmed.
Result<domain::Attempt> latest_attempt(const Context& context, const domain::Payment& payment);
Result<domain::Connector> load_connector(const Context& context, const ConnectorId& id);
Result<domain::Merchant> load_merchant(const Context& context, const MerchantId& id);
Result<PaymentView> load_view(const Context& context, const PaymentId& id);
/// Everything that an outcome of the operation may touch.
Result<domain::Life> load_life(const Context& context, const OperationId& id);
/// Adds the capture of a sale, which comes to be only with its success.
Result<void> load_sale_capture(const Context& context, domain::Life& life);
/// The dispute that a connector knows by this name.
Result<std::optional<domain::Dispute>> find_dispute(const Context& context,
                                                    const ConnectorId& connector,
                                                    std::string_view psp_dispute);
/// The fact as it was booked before, when it was.
Result<std::optional<domain::Fact>> find_fact(const Context& context, const domain::Fact& fact);
Result<domain::Dispute> load_dispute(const Context& context, const domain::DisputeId& id);
/// Operations that have not ended, in order of their identifiers.
Result<std::vector<OperationId>> unresolved_operations(const Context& context);

struct DisputePage {
  std::vector<domain::Dispute> disputes;
  std::optional<domain::DisputeId> next;  ///< the last one of a page that has a successor
};
/// A merchant's disputes, newest first, below `before` when given.
Result<DisputePage> list_disputes(const Context& context, const MerchantId& merchant,
                                  std::optional<domain::DisputeId> before, std::size_t limit);

/// Payments whose cancellation waits to be carried out.
Result<std::vector<PaymentId>> due_cancellations(const Context& context);

/// Payments whose authorization is to be given back or closed at `now`, or whose time to be
/// confirmed is over, the longest due first.
Result<std::vector<PaymentId>> ending_payments(const Context& context, UnixNanos now,
                                               std::size_t limit);

struct PaymentPage {
  std::vector<PaymentView> payments;
  std::optional<PaymentId> next;  ///< the last one of a page that has a successor
};
/// A merchant's payments, newest first, below `before` when given.
Result<PaymentPage> list_payments(const Context& context, const MerchantId& merchant,
                                  std::optional<PaymentId> before, std::size_t limit);

}  // namespace florin::engine
