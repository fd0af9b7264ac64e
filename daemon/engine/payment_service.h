#pragma once
/// Payments end to end: idempotency, decision, intent, PSP, outcome, answer.
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "base/entropy.h"
#include "daemon/domain/decide.h"
#include "daemon/domain/facts.h"
#include "daemon/engine/acquirer.h"
#include "daemon/engine/context.h"
#include "daemon/engine/customer.h"
#include "daemon/engine/store.h"
#include "daemon/engine/translate.h"
#include "daemon/net/task.h"

namespace florin::engine {

/// Who asks, under which Idempotency-Key.
struct Caller {
  MerchantId merchant;
  CredentialId credential;
  Key16 idempotency_key{};
  Key16 fingerprint{};
  Key16 nonce_key{};  ///< of the signed request
};

inline constexpr std::chrono::minutes kConfirmWithin{30};
/// How often a decision is taken anew when another one came between.
inline constexpr int kDecisionAttempts = 3;
/// Facts must be booked; a conflict only means that another fact of the payment was first.
inline constexpr int kFactAttempts = 50;

struct Reply {
  int status = 0;
  std::string body;
  Uuid payment;
  bool replayed = false;  ///< the stored answer of an earlier request
};

/// What became of a late fact.
enum class FactVerdict : std::uint8_t {
  booked,
  duplicate,  ///< booked before, for the same amount; nothing changed
  /// Booked before, for another amount, or a dispute that came back to where it had been; nothing
  /// changed.
  differs,
  early,  ///< what it is about has not ended: keep it, and book it again when it has
};

/// Whom or what an outcome comes from, and what its entry holds besides.
struct Provenance {
  ledger::Actor actor{};
  std::optional<Uuid> entry{};  ///< the entry's identifier, where a repetition must be recognised
  std::string note{};           ///< public, as Command::note
  std::string evidence{};       ///< what it rests on, for the log and for operators
  std::vector<ledger::Approval> approvals{};
  std::vector<ledger::UniqueWrite> uniques{};
  std::vector<ledger::ObjectWrite> objects{};
};
/// Puts into an entry what its provenance holds besides the outcome.
void add_provenance(ledger::Command& entry, const Provenance& provenance);

/// What became of an outcome.
struct Booking {
  PaymentView view;
  bool booked = false;    ///< false: it changed nothing and no entry was written
  bool answered = false;  ///< the entry holds the merchant's answer, which is the view
};

/// What a new payment is the first to have, and its entry makes so.
struct FirstClaims {
  std::optional<Customer> customer;
  std::optional<Key16> reference;  ///< row key of a reference that only one payment may have
};

/// Puts into an entry what only it may have.
void add_claims(ledger::Command& entry, const PaymentId& payment, const Caller& caller,
                const FirstClaims& claims);

/// Runs on the I/O thread. Clock, entropy, acquirer outlive it.
class PaymentService {
 public:
  /// `confirm_within`: how long a payment waits for its confirmation.
  PaymentService(const Clock& clock, Entropy& entropy, Acquirer& acquirer,
                 std::chrono::seconds confirm_within = kConfirmWithin)
      : clock_(clock), entropy_(entropy), acquirer_(acquirer), confirm_within_(confirm_within) {}

  /// Told of each outcome that was booked: the life as it is stored now, and the evidence.
  using OutcomeObserver =
      std::function<void(const ContextPtr&, const domain::Life&, const std::string& evidence)>;
  /// Before the first payment.
  void on_outcome(OutcomeObserver observer) { observers_.push_back(std::move(observer)); }

  /// `terms.merchant` is overwritten with the caller's. Errors: `idempotency_*`, `nonce_reused`,
  /// `malformed_value` with field "/branch" (none of the merchant's, or not active),
  /// `capability_missing` (no active connector), `overloaded`, `ledger_stopped`. Not `confirmed`:
  /// it waits for `confirm`, and nothing goes out.
  net::Task<Result<Reply>> create(ContextPtr context, Caller caller, domain::PaymentTerms terms,
                                  bool confirmed = true);
  /// Errors: also `not_found` and those of domain::confirm.
  net::Task<Result<Reply>> confirm(ContextPtr context, Caller caller, PaymentId payment);
  /// Errors: also `not_found` and those of domain::capture.
  net::Task<Result<Reply>> capture(ContextPtr context, Caller caller, PaymentId payment,
                                   std::optional<Money> amount, bool final_capture);
  net::Task<Result<Reply>> increment(ContextPtr context, Caller caller, PaymentId payment,
                                     Money amount);
  net::Task<Result<Reply>> void_rest(ContextPtr context, Caller caller, PaymentId payment);
  net::Task<Result<Reply>> refund(ContextPtr context, Caller caller, PaymentId payment,
                                  Money amount, std::string reason);

  /// Voids what is authorized, or records the wish while something is under way; the answer is then
  /// 202 with `cancel_requested`.
  net::Task<Result<Reply>> cancel(ContextPtr context, Caller caller, PaymentId payment);
  /// Carries out a cancellation that is due, as long as it is. Errors: those of a refused command;
  /// it stays due then.
  net::Task<Result<void>> carry_out_cancel(ContextPtr context, PaymentId payment);
  /// Told of each payment whose cancellation has become due.
  using CancelObserver = std::function<void(const ContextPtr&, PaymentId)>;
  /// Set by the resolver.
  void on_cancel_due(CancelObserver observer) { on_cancel_due_ = std::move(observer); }

  /// Carries out what is due of an authorization that ends: a void of the rest, or its expiry by
  /// the ledger's clock. Nothing when nothing is due any more. Errors: those of a refused command;
  /// it stays due then.
  net::Task<Result<void>> end_by_time(ContextPtr context, PaymentId payment);

  /// Books an outcome of a stored operation, deciding again when the books moved meanwhile. Gives
  /// the view after it; when the operation has ended before, the view as it is.
  net::Task<Result<PaymentView>> book_outcome(ContextPtr context, domain::Life life,
                                              domain::Outcome outcome, ledger::Actor actor);
  /// What becomes of a life as the books have it now; nothing when it is left as it is.
  using Rule =
      std::function<Result<std::optional<domain::Plan>>(const domain::Life& life, UnixNanos now)>;
  /// Books what a rule makes of a stored operation, with all that the entry may hold. Errors: those
  /// of the rule; `unique_violation`, when another entry has a key of the provenance.
  /// `known`: the payment as it was stored with `life`, when nothing else of it can have been
  /// stored since without a new version of the payment itself; then nobody waits until reads see
  /// the intent.
  net::Task<Result<Booking>> book(ContextPtr context, domain::Life life, Rule rule,
                                  Provenance provenance,
                                  std::optional<PaymentView> known = std::nullopt);
  /// The rule of an outcome.
  static Rule settling(domain::Outcome outcome);

  /// Books what an acquirer tells after the fact, once. `about` is the operation that its notice
  /// names: of the capture that is reversed, of the refund that is returned, of the charge that is
  /// disputed. `notice.id` is made here. Errors: `not_found` (no such operation), `malformed_value`
  /// (an operation of another kind), those of the ledger. `supplement`, when given, tells what its
  /// entry holds besides; it may be asked again.
  using Supplement = std::function<Provenance(const domain::Plan&)>;
  net::Task<Result<FactVerdict>> book_fact(ContextPtr context, OperationId about,
                                           domain::Notice notice, Supplement supplement = {});

 private:
  using Decide = std::function<Result<domain::Plan>(const domain::Payment&, const domain::Attempt&,
                                                    domain::NewOperation)>;
  [[nodiscard]] domain::NewOperation new_operation(const Context& context, const Caller& caller,
                                                   std::uint16_t attempt, std::string_view kind);
  [[nodiscard]] EntryIds entry_ids(std::size_t events);
  net::Task<Result<Reply>> command(ContextPtr context, Caller caller, PaymentId id,
                                   std::string_view kind, Decide decide);
  /// `version_conflict` also when a customer that was to be new is not any more.
  net::Task<Result<domain::Life>> open_intent(ContextPtr context, Caller caller, domain::Plan plan,
                                              PaymentView before, FirstClaims claims = {});
  net::Task<Result<Reply>> record(ContextPtr context, Caller caller, domain::Plan plan,
                                  PaymentView before, FirstClaims claims = {});
  /// After `unique_violation`: the customer or the reference by another payment
  /// (`version_conflict`), else the nonce.
  net::Task<Error> what_is_taken(ContextPtr context, FirstClaims claims);
  [[nodiscard]] Result<FirstClaims> claims_of(const Context& context, const PaymentId& payment,
                                              domain::PaymentTerms& terms);
  [[nodiscard]] domain::CreateCommand new_payment(const Context& context, const Caller& caller,
                                                  const PaymentId& payment,
                                                  const domain::Connector& connector,
                                                  const domain::PaymentTerms& terms);
  [[nodiscard]] std::optional<StoredAnswer> first_answer(const Context& context,
                                                         const domain::Life& before,
                                                         const PaymentView& shown) const;
  net::Task<Result<Reply>> carry_out(ContextPtr context, Caller caller, domain::Life life,
                                     std::optional<PaymentView> known = std::nullopt);
  net::Task<Result<void>> record_time(ContextPtr context, UnixNanos at_least);

  const Clock& clock_;
  Entropy& entropy_;
  Acquirer& acquirer_;
  std::chrono::seconds confirm_within_;
  std::vector<OutcomeObserver> observers_;
  CancelObserver on_cancel_due_;
};

}  // namespace florin::engine
