#pragma once
/// Requests of two people as the system ledger keeps them: every step is an audit entry that
/// carries the new state.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/entropy.h"
#include "daemon/domain/request.h"
#include "ledger/ledger.h"

namespace florin::control {

/// What one step writes besides the request's new state.
struct RequestStep {
  std::string note;  ///< public, printable ASCII
  ledger::Actor actor;
  std::optional<domain::RequestVote> vote{};
  std::optional<json::object> outcome{};
  std::vector<ledger::Approval> approvals{};
};

/// Reading is thread-safe; the owner writes from one thread at a time.
class RequestStore {
 public:
  RequestStore(std::shared_ptr<ledger::Ledger> books, const Clock& clock, Entropy& entropy)
      : books_(std::move(books)), clock_(clock), entropy_(entropy) {}

  /// By number ("R-0042") or identifier. Error: `not_found`.
  [[nodiscard]] Result<domain::ControlRequest> find(std::string_view number_or_id) const;
  [[nodiscard]] Result<std::optional<domain::ControlRequest>> find(
      const domain::ControlRequestId& id) const;
  /// Oldest first.
  [[nodiscard]] Result<std::vector<domain::ControlRequest>> all() const;
  /// Of people who voted on it: approvals in their order, then a rejection.
  [[nodiscard]] Result<std::vector<domain::RequestVote>> votes(
      const domain::ControlRequest& request) const;
  /// Absent until it was executed.
  [[nodiscard]] Result<std::optional<json::object>> outcome(
      const domain::ControlRequestId& id) const;
  [[nodiscard]] bool evaluation() const { return books_->options().evaluation; }
  [[nodiscard]] const std::string& origin() const { return books_->options().origin; }

  /// Gives it the next number and writes it. Error: `unique_violation` when it exists, those of the
  /// ledger.
  Result<void> create(domain::ControlRequest& request, ledger::Actor actor);
  /// Writes its new state; raises its version. Errors: `version_conflict`, those of the ledger.
  Result<void> write(domain::ControlRequest& request, RequestStep step);

 private:
  Result<void> append(ledger::Command command);
  Result<std::uint32_t> next_number();

  std::shared_ptr<ledger::Ledger> books_;
  const Clock& clock_;
  Entropy& entropy_;
  std::uint32_t last_number_ = 0;
};

}  // namespace florin::control
