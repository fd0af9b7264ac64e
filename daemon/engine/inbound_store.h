#pragma once
/// Reading and writing what PSPs said, and finding whom it is about.
#include <optional>
#include <vector>

#include "base/secret.h"
#include "daemon/domain/inbound_fact.h"
#include "daemon/engine/payment_service.h"

namespace florin::engine {

/// The signing secrets of a connector's notices, the one in force first. Error: `not_found` when it
/// has none.
Result<std::vector<Secret>> notice_secrets(const Context& context, const ConnectorId& connector);

/// A fact that was received before under the same key.
struct KnownFact {
  Uuid id;
  bool same_content = false;
};
Result<std::optional<KnownFact>> find_known(const Context& context,
                                            const domain::InboundFact& fact);

/// The operation that a fact is about, as the books have it: by our reference, else by the PSP's
/// name of the authorization together with the kind. Nothing while none is known.
Result<std::optional<domain::Life>> find_operation(const Context& context,
                                                   const domain::InboundFact& fact);

/// What the fact proves about this operation; `unknown` when it is about another kind of operation
/// than it says.
domain::Outcome proven_by(const domain::InboundFact& fact, const domain::Operation& operation);
/// What to make of a fact that changes nothing about the operation.
domain::InboundState state_beside(const domain::Outcome& proven,
                                  const domain::Operation& operation);

/// The writes that make the record durable: with its unique key when it is new.
void add_record(const Context& context, const domain::InboundFact& fact, Provenance& provenance);

}  // namespace florin::engine
