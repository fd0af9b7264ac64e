#pragma once
/// The order of two people that ends a doubt which no evidence of the acquirer could end.
#include "daemon/control/appliance.h"
#include "daemon/control/operation.h"
#include "daemon/engine/context_registry.h"
#include "daemon/engine/doubt_notes.h"
#include "daemon/engine/payment_service.h"
#include "daemon/net/runtime.h"

namespace florin {

/// What the order works with; all of it outlives the order.
struct ResolutionTools {
  control::Appliance& appliance;
  const engine::ContextRegistry& contexts;
  const engine::DoubtNotes& notes;
  engine::PaymentService& payments;
  net::Runtime& runtime;
};

/// `payment.resolve`: asked for by an operator, approved by another one or an admin. Parameters:
/// tenant, mode, payment, operation (may be left out when the payment has one doubt), as
/// ("succeeded" or "not-executed"), evidence (SHA-256 of what both have seen, in hexadecimal), and
/// for a payment's first success psp_reference, the acquirer's name of what it made. The outcome is
/// booked on the engine's one way, with the approvals in the entry. A fact that was first wins: the
/// request fails and changes nothing.
control::Operation payment_resolution(const ResolutionTools& tools);

}  // namespace florin
