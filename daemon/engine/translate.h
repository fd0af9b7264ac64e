#pragma once
/// A domain plan as one ledger command. Pure.
#include <optional>

#include "daemon/domain/plan.h"
#include "daemon/engine/context.h"
#include "daemon/engine/store.h"

namespace florin::engine {

/// Identifiers that the shell makes beforehand for one entry.
struct EntryIds {
  Uuid entry;
  std::vector<Uuid> events;  ///< at least as many as the plan has events
};

/// The stored answer of a merchant's request.
struct StoredAnswer {
  Key16 key{};
  Key16 fingerprint{};
  Uuid resource;
  std::uint16_t http_status = 0;  ///< 0 = reserve the key, no answer yet
  std::string body;
  UnixNanos expires_at = 0;
};

/// The view of the payment after the plan: what the books have, with the plan's objects over it.
PaymentView view_after(const domain::Plan& plan, PaymentView before);

/// Writes the plan's objects with the versions that were read, its movements as postings and hold
/// changes, its events, and the answer. `shown` is the view after the plan.
ledger::Command translate(const Context& context, const domain::Plan& plan,
                          const PaymentView& shown, ledger::Origin origin,
                          const ledger::Actor& actor, const EntryIds& ids,
                          const std::optional<StoredAnswer>& answer);

/// The JSON that merchants see.
std::string render(const Context& context, const PaymentView& view);
std::string render(const Context& context, const domain::Dispute& dispute, std::uint64_t version);
/// The same as it is stored: without the personal fields of a customer, which shown_now puts in.
std::string render_stored(const Context& context, PaymentView view);

/// Raises the versions of all objects that the plan wrote: the life as it is stored now.
domain::Life stored_life(const domain::Plan& plan, bool intent);

}  // namespace florin::engine
