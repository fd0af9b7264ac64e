#pragma once
/// Two-person control: one mechanism for everything that one person must not do alone. A request
/// is proposed, signed, approved by others, carried out, and every step is in the system ledger.
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "daemon/control/operation.h"
#include "daemon/control/people.h"
#include "daemon/control/request_store.h"
#include "daemon/domain/request_text.h"

namespace florin::control {

struct RequestSettings {
  std::int64_t approve_within_ns = 24 * 3600 * kNanosPerSecond;
  std::int64_t execute_within_ns = 3600 * kNanosPerSecond;
  bool execute_on_approval = true;
};

/// What somebody wants, before it has a name.
struct RequestDraft {
  std::string operation;
  json::object parameters;
  std::string reason;
};
/// A draft with what its preview gave and the requester's signature.
struct SignedRequest {
  RequestDraft draft;
  domain::ControlRequestId id;
  UnixNanos requested_at = 0;
  Bytes signature;
};
/// What somebody does with a request that exists.
struct SignedAct {
  std::string request;  ///< number or identifier
  Hash32 digest{};      ///< of the text that the person read
  std::string reason;   ///< of a rejection
  Bytes signature;
};

/// 1 to 120 printable ASCII characters. Error: `malformed_value` with field "/reason".
Result<void> check_reason(const std::string& reason);

/// Thread-safe; one act at a time. Acts wait for flushes and for the operation: on the blocking
/// pool. Reads come from the ledger and wait for nothing. What it refers to outlives it.
class Requests {
 public:
  Requests(std::shared_ptr<ledger::Ledger> system, std::shared_ptr<const People> people,
           RequestSettings settings, const Clock& clock, Entropy& entropy);

  /// Before the first call of anything else.
  void add(Operation operation);

  /// Proposes and gives the text to sign; writes nothing. Errors: `not_found` (operation),
  /// `permission_denied`, `malformed_value` (reason), those of the operation.
  Result<json::object> preview(const RequestDraft& draft, const Caller& caller);
  /// Makes the request that was previewed. Errors: as above, `signature_invalid`,
  /// `timestamp_skew` (the preview is older than 10 minutes), `unique_violation` (made already).
  Result<json::object> create(const SignedRequest& signed_request, const Caller& caller);
  /// The last approval that is needed also executes, where the settings say so. Errors:
  /// `not_found`, `permission_denied`, `signature_invalid`, `state_conflict`, those of execute.
  Result<json::object> approve(const SignedAct& act, const Caller& caller);
  Result<json::object> reject(const SignedAct& act, const Caller& caller);
  /// By the requester alone.
  Result<json::object> cancel(const SignedAct& act, const Caller& caller);
  /// By the requester or anybody who may approve. What has begun is completed. Errors: those of the
  /// operation; `state_conflict` when the state changed since.
  Result<json::object> execute(const SignedAct& act, const Caller& caller);

  /// At the start: completes what was begun, executes what was approved in time (where the settings
  /// say so), ends what has expired.
  void complete();

  /// Waits for the act that runs; every later one is refused. Operations are not called from then
  /// on.
  void stop();

  /// Newest first, at most `limit`; only those that can still change when `open`.
  [[nodiscard]] Result<json::array> list(bool open, std::size_t limit) const;
  /// With text, digest, signatures and outcome. Error: `not_found`.
  [[nodiscard]] Result<json::object> show(std::string_view number_or_id) const;
  /// For the status: how many wait, and how many attempts were refused since the start.
  [[nodiscard]] Result<json::object> counts() const;

 private:
  struct Actor {
    domain::Person person;
    domain::ControlRequest request;
  };
  /// To be asked first, under the lock. Error: `shutting_down`.
  [[nodiscard]] Result<void> check_open() const;
  [[nodiscard]] Result<const Operation*> operation_of(const std::string& name) const;
  struct Proposed {
    domain::RequestTerms terms;
    std::string confirmation;
  };
  [[nodiscard]] Result<Proposed> propose(const RequestDraft& draft, const domain::Person& person,
                                         const domain::ControlRequestId& id,
                                         UnixNanos requested_at) const;
  Result<json::object> create_checked(const SignedRequest& signed_request,
                                      const domain::Person& person);
  /// Finds, identifies, checks digest and signature, ends what has expired.
  Result<Actor> begin(domain::RequestAct act, const SignedAct& what, const Caller& caller);
  Result<void> end_if_expired(domain::ControlRequest& request);
  [[nodiscard]] Result<void> check_approver(const domain::ControlRequest& request,
                                            const domain::Person& person) const;
  [[nodiscard]] Result<void> check_people(const domain::ControlRequest& request) const;
  Result<void> check_still_the_same(const Operation& operation,
                                    const domain::ControlRequest& request);
  /// `executor` is nil for the appliance itself.
  Result<void> carry_out(domain::ControlRequest& request, const domain::PersonId& executor);
  Result<void> finish(domain::ControlRequest& request, Result<json::object> answer,
                      const domain::PersonId& executor);
  Result<void> move(domain::ControlRequest& request, domain::RequestEvent event, RequestStep step);
  Error refuse(std::string_view act, const Caller& caller, domain::ControlRequest* request,
               const domain::Person* person, Error error);
  [[nodiscard]] std::string name_of(const domain::PersonId& person) const;
  [[nodiscard]] Result<json::object> document(const domain::ControlRequest& request) const;
  [[nodiscard]] domain::RequestState state_now(const domain::ControlRequest& request) const;

  RequestStore store_;
  const std::shared_ptr<const People> people_;
  const RequestSettings settings_;
  const Clock& clock_;
  Entropy& entropy_;
  std::map<std::string, Operation, std::less<>> operations_;
  std::mutex mutex_;
  bool stopped_ = false;
  std::atomic<std::uint64_t> refused_{0};
};

}  // namespace florin::control
