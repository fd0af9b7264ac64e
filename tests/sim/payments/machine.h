#pragma once
/// The daemon as far as money goes: the engine as it ships, over slow books and a faulty network,
/// with virtual time. The one file that knows how the composition root puts it together.
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "daemon/engine/notice_inbox.h"
#include "daemon/engine/resolver.h"
#include "faulty_network.h"
#include "slow_books.h"

namespace florin::sim {

enum class Ask : std::uint8_t { create, confirm, capture, void_rest, refund };

/// What a client asks for, as it goes over the wire; sent again it is the same but for its nonce.
struct Request {
  Ask ask = Ask::create;
  std::size_t house = 0;  ///< which tenant
  MerchantId merchant;
  std::string key;                     ///< Idempotency-Key
  std::string payment;                 ///< for commands on one
  std::optional<std::int64_t> amount;  ///< minor units
  std::string currency;
  bool manual = false;         ///< create: capture later
  bool final_capture = false;  ///< capture
  std::string token;           ///< create
  std::string reference;       ///< create: the merchant's own
  bool confirmed = true;       ///< create: or confirmed later
};

/// One tenant with its books, which outlive the process.
struct House {
  TenantId tenant;
  ConnectorId connector;
  std::vector<MerchantId> merchants;
  std::shared_ptr<const TenantKeys> keys;
  std::shared_ptr<SlowBooks> books;
};

/// An operation that waits for evidence or for people.
struct OpenOperation {
  std::size_t house = 0;
  OperationId id;
  std::string psp_key;
  domain::OperationKind kind{};
  domain::OperationState state{};
};

/// Sleepers of one process.
class Sleepers final : public net::Waits {
 public:
  explicit Sleepers(Timeline& timeline) : timeline_(timeline) {}
  void after(std::chrono::milliseconds duration, std::function<void()> done) override;
  void forget() { sleeping_.clear(); }

 private:
  Timeline& timeline_;
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, std::function<void()>> sleeping_;
};

class Machine {
 public:
  using Answer = std::function<void(Result<engine::Reply>)>;

  Machine(Timeline& timeline, Dice& dice, FaultyNetwork& network, std::vector<House> houses,
          Sabotage sabotage);
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  /// Recovers, then takes requests.
  void start();
  /// Every coroutine ends where it stands. Not from within `run`.
  void crash();
  [[nodiscard]] bool serving() const { return serving_; }
  /// Runs what can run now. With a crash planned, the process dies between two of its steps.
  void run();
  /// How many steps the process has left; a negative number: no end is planned.
  void plan_crash(std::int64_t steps) { steps_left_ = steps; }

  /// False when nobody listens. `answer` is never called when the process dies before it.
  bool ask(const Request& request, Answer answer);
  /// A notice of the PSP, as its listener has it; `done` tells whether it was taken. As ask.
  bool notify(std::size_t house, std::shared_ptr<const http::Request> notice,
              std::function<void(bool)> done);
  /// Two people decide; `done` tells whether anything was left to decide. As ask.
  bool resolve(std::size_t house, OperationId operation, bool succeeded, std::string psp_reference,
               std::function<void(Result<bool>)> done);
  /// What the merchant would read now; empty when there is no such payment.
  [[nodiscard]] std::string read(std::size_t house, const std::string& payment) const;
  /// In all houses: what people may decide.
  [[nodiscard]] std::vector<OpenOperation> open_operations() const;
  /// Operations that have no end yet, in all houses.
  [[nodiscard]] std::size_t unfinished() const;

  [[nodiscard]] const std::vector<House>& houses() const { return houses_; }
  [[nodiscard]] std::uint64_t crashes() const { return crashes_; }

 private:
  struct Process;
  net::Task<void> serve(Request request, std::uint64_t nonce, Answer answer);
  net::Task<void> take_notice(std::size_t house, std::shared_ptr<const http::Request> notice,
                              std::function<void(bool)> done);
  net::Task<void> book_decision(std::size_t house, OperationId operation, domain::Decision decision,
                                std::function<void(Result<bool>)> done);
  net::Task<void> recover();
  [[nodiscard]] engine::ContextPtr context_of(std::size_t house) const;

  Timeline& timeline_;
  Dice& dice_;
  FaultyNetwork& network_;
  std::vector<House> houses_;
  Sabotage sabotage_;
  Sleepers sleepers_;
  std::unique_ptr<Process> process_;
  bool serving_ = false;
  std::int64_t steps_left_ = -1;
  std::uint64_t nonces_ = 0;
  std::uint64_t crashes_ = 0;
};

/// A tenant with merchants and one connector, written into new books.
/// `number` is by which the PSP tells tenants apart.
House make_house(Timeline& timeline, Dice& dice, std::size_t number, std::size_t merchants);

}  // namespace florin::sim
