#include "daemon/domain/part_status.h"

namespace florin::domain {
namespace {

/// What moves a part: the state that its operation came to, or a fact after its success.
enum class PartInput : std::uint8_t {
  succeeded,
  failed,
  unknown,
  pending,
  review,
  taken_back,  ///< all of it, by the acquirer or the payer's bank
};

std::string_view part_input_name(PartInput input) noexcept {
  switch (input) {
    case PartInput::succeeded:
      return "succeeded";
    case PartInput::failed:
      return "declined, refused, unsent or not_executed";
    case PartInput::unknown:
      return "unknown";
    case PartInput::pending:
      return "pending";
    case PartInput::review:
      return "differs";
    case PartInput::taken_back:
      return "taken back";
  }
  return "";
}

template <class Status>
using Row = Transition<Status, PartInput>;
using In = PartInput;

// An operation is the same whatever it carries, and so are the rows up to its end.
template <class Status>
constexpr std::array<Row<Status>, 11> until_ended(Status begun, Status unknown, Status review,
                                                  Status succeeded, Status failed) {
  return {{{begun, In::succeeded, succeeded},
           {begun, In::failed, failed},
           {begun, In::unknown, unknown},
           {begun, In::review, review},
           {unknown, In::succeeded, succeeded},
           {unknown, In::failed, failed},
           {unknown, In::pending, begun},
           {unknown, In::review, review},
           {review, In::succeeded, succeeded},
           {review, In::failed, failed},
           // No way from review back to a doubt: the last row is that of its end.
           {succeeded, In::taken_back, failed}}};
}

template <class Status>
constexpr std::array<Row<Status>, 11> with_end(std::array<Row<Status>, 11> rows, Status end) {
  rows.back().to = end;
  return rows;
}

constexpr auto kCaptures =
    with_end(until_ended(CaptureStatus::pending, CaptureStatus::unknown, CaptureStatus::review,
                         CaptureStatus::succeeded, CaptureStatus::failed),
             CaptureStatus::reversed);
constexpr auto kRefunds =
    with_end(until_ended(RefundStatus::pending, RefundStatus::unknown, RefundStatus::review,
                         RefundStatus::succeeded, RefundStatus::failed),
             RefundStatus::returned);

constexpr std::array<Row<AttemptStatus>, 10> attempt_rows() {
  const auto all =
      until_ended(AttemptStatus::processing, AttemptStatus::in_doubt, AttemptStatus::review,
                  AttemptStatus::authorized, AttemptStatus::failed);
  std::array<Row<AttemptStatus>, 10> out{};
  for (std::size_t i = 0; i < out.size(); ++i) out.at(i) = all.at(i);
  return out;
}
constexpr auto kAttempts = attempt_rows();

static_assert(is_deterministic(kCaptures) && every_row_moves(kCaptures));
static_assert(is_deterministic(kRefunds) && every_row_moves(kRefunds));
static_assert(is_deterministic(kAttempts) && every_row_moves(kAttempts));
static_assert(are_terminal(kCaptures, {CaptureStatus::failed, CaptureStatus::reversed}));
static_assert(are_terminal(kRefunds, {RefundStatus::failed, RefundStatus::returned}));
static_assert(are_terminal(kAttempts, {AttemptStatus::authorized, AttemptStatus::failed}));
// What has succeeded is only ever taken back; it never becomes a failure.
static_assert(!follow(kCaptures, CaptureStatus::succeeded, In::failed));
static_assert(!follow(kRefunds, RefundStatus::succeeded, In::failed));

template <class Table, class Status>
bool has_row(const Table& table, Status from, Status to) noexcept {
  return std::any_of(table.begin(), table.end(),
                     [&](const auto& row) { return row.from == from && row.to == to; });
}

}  // namespace

CaptureStatus capture_status_of(OperationState operation) noexcept {
  switch (operation) {
    case OperationState::dispatched:
    case OperationState::pending:
      return CaptureStatus::pending;
    case OperationState::unknown:
      return CaptureStatus::unknown;
    case OperationState::review:
      return CaptureStatus::review;
    case OperationState::succeeded:
      return CaptureStatus::succeeded;
    case OperationState::declined:
    case OperationState::refused:
    case OperationState::unsent:
    case OperationState::not_executed:
      break;
  }
  return CaptureStatus::failed;
}

RefundStatus refund_status_of(OperationState operation) noexcept {
  switch (capture_status_of(operation)) {
    case CaptureStatus::pending:
      return RefundStatus::pending;
    case CaptureStatus::unknown:
      return RefundStatus::unknown;
    case CaptureStatus::review:
      return RefundStatus::review;
    case CaptureStatus::succeeded:
      return RefundStatus::succeeded;
    case CaptureStatus::failed:
    case CaptureStatus::reversed:
      break;
  }
  return RefundStatus::failed;
}

AttemptStatus attempt_status_of(OperationState operation) noexcept {
  switch (capture_status_of(operation)) {
    case CaptureStatus::pending:
      return AttemptStatus::processing;
    case CaptureStatus::unknown:
      return AttemptStatus::in_doubt;
    case CaptureStatus::review:
      return AttemptStatus::review;
    case CaptureStatus::succeeded:
      return AttemptStatus::authorized;
    case CaptureStatus::failed:
    case CaptureStatus::reversed:
      break;
  }
  return AttemptStatus::failed;
}

bool may_become(CaptureStatus from, CaptureStatus to) noexcept {
  return has_row(kCaptures, from, to);
}
bool may_become(RefundStatus from, RefundStatus to) noexcept {
  return has_row(kRefunds, from, to);
}

std::string_view capture_status_name(CaptureStatus status) noexcept {
  switch (status) {
    case CaptureStatus::pending:
      return "pending";
    case CaptureStatus::succeeded:
      return "succeeded";
    case CaptureStatus::failed:
      return "failed";
    case CaptureStatus::unknown:
      return "unknown";
    case CaptureStatus::review:
      return "review";
    case CaptureStatus::reversed:
      return "reversed";
  }
  return "";
}

std::string_view refund_status_name(RefundStatus status) noexcept {
  switch (status) {
    case RefundStatus::pending:
      return "pending";
    case RefundStatus::succeeded:
      return "succeeded";
    case RefundStatus::failed:
      return "failed";
    case RefundStatus::unknown:
      return "unknown";
    case RefundStatus::review:
      return "review";
    case RefundStatus::returned:
      return "returned";
  }
  return "";
}

std::string_view attempt_status_name(AttemptStatus status) noexcept {
  switch (status) {
    case AttemptStatus::processing:
      return "processing";
    case AttemptStatus::in_doubt:
      return "in_doubt";
    case AttemptStatus::review:
      return "review";
    case AttemptStatus::authorized:
      return "authorized";
    case AttemptStatus::failed:
      return "failed";
  }
  return "";
}

Machine attempt_machine() {
  return {"attempt", "one routing decision at one acquirer",
          attempt_status_name(AttemptStatus::processing),
          edges_of(kAttempts, attempt_status_name, part_input_name)};
}
Machine capture_machine() {
  return {"capture", "money taken", capture_status_name(CaptureStatus::pending),
          edges_of(kCaptures, capture_status_name, part_input_name)};
}
Machine refund_machine() {
  return {"refund", "money given back", refund_status_name(RefundStatus::pending),
          edges_of(kRefunds, refund_status_name, part_input_name)};
}

}  // namespace florin::domain
