#include "daemon/domain/dispute.h"

namespace florin::domain {
namespace {

using Row = Transition<DisputeStatus, DisputeStatus>;
using enum DisputeStatus;

// One stage; the next stage begins anew. The input is the status that a notice tells.
constexpr std::array kRows = {
    Row{needs_response, under_review, under_review},
    Row{needs_response, expired, expired},
    Row{needs_response, accepted, accepted},
    Row{needs_response, lost, lost},
    Row{needs_response, won, won},
    Row{needs_response, withdrawn, withdrawn},
    Row{under_review, needs_response, needs_response},
    Row{under_review, accepted, accepted},
    Row{under_review, lost, lost},
    Row{under_review, won, won},
    Row{under_review, withdrawn, withdrawn},
};
static_assert(is_deterministic(kRows) && every_row_moves(kRows));
static_assert(are_terminal(kRows, {expired, accepted, lost, won, withdrawn}));
static_assert(std::all_of(kRows.begin(), kRows.end(),
                          [](const Row& row) { return row.input == row.to; }));

}  // namespace

bool may_become(DisputeStatus from, DisputeStatus to) noexcept {
  return follow(kRows, from, to).has_value();
}

bool is_closed(DisputeStatus status) noexcept {
  return is_terminal(kRows, status);
}

DisputeFunds funds_of(DisputeStage stage, DisputeStatus status) noexcept {
  // An inquiry is a question; no money moves by it.
  if (stage == DisputeStage::inquiry) return DisputeFunds::with_merchant;
  switch (status) {
    case needs_response:
    case under_review:
      return DisputeFunds::held;
    case expired:
    case accepted:
    case lost:
      return DisputeFunds::lost;
    case won:
    case withdrawn:
      break;
  }
  return DisputeFunds::with_merchant;
}

std::string_view dispute_stage_name(DisputeStage stage) noexcept {
  switch (stage) {
    case DisputeStage::inquiry:
      return "inquiry";
    case DisputeStage::chargeback:
      return "chargeback";
    case DisputeStage::pre_arbitration:
      return "pre_arbitration";
    case DisputeStage::arbitration:
      return "arbitration";
  }
  return "";
}

std::string_view dispute_status_name(DisputeStatus status) noexcept {
  switch (status) {
    case needs_response:
      return "needs_response";
    case under_review:
      return "under_review";
    case expired:
      return "expired";
    case accepted:
      return "accepted";
    case lost:
      return "lost";
    case won:
      return "won";
    case withdrawn:
      return "withdrawn";
  }
  return "";
}

std::optional<DisputeStage> dispute_stage_named(std::string_view name) noexcept {
  using enum DisputeStage;
  for (const DisputeStage stage : {inquiry, chargeback, pre_arbitration, arbitration}) {
    if (dispute_stage_name(stage) == name) return stage;
  }
  return std::nullopt;
}

std::optional<DisputeStatus> dispute_status_named(std::string_view name) noexcept {
  for (const DisputeStatus status :
       {needs_response, under_review, expired, accepted, lost, won, withdrawn}) {
    if (dispute_status_name(status) == name) return status;
  }
  return std::nullopt;
}

Machine dispute_machine() {
  return {"dispute", "one stage of it; the next stage begins anew",
          dispute_status_name(needs_response),
          edges_of(kRows, dispute_status_name, dispute_status_name)};
}

}  // namespace florin::domain
