#pragma once
/// Merchants' programs: they pay, capture, void and refund, in parallel and without patience,
/// repeat what got no answer under the same key, and remember every answer.
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "machine.h"

namespace florin::sim {

struct Answered {
  int status = 0;
  std::string body;
  bool operator==(const Answered&) const = default;
};

/// One idempotency key and what became of it.
struct Order {
  Request request;
  std::size_t life = 0;
  std::optional<Answered> answer;  ///< the first one; all later ones must be equal
  std::optional<Errc> refusal;     ///< the client has given up after this one
  unsigned sends = 0;
  unsigned executed = 0;  ///< answers that were not replays
  unsigned turn = 0;      ///< only the last alarm that was set rings
  [[nodiscard]] bool settled() const { return answer.has_value() || refusal.has_value(); }
};

/// One payment from its creation on.
struct Life {
  Order* create = nullptr;
  std::string payment;  ///< identifier, once an answer told it
  std::string view;     ///< as read at the end
  std::vector<Order*> commands;
  std::set<std::int64_t> amounts;  ///< each command's is another one, so that it can be told by it
};

class Clients {
 public:
  Clients(Timeline& timeline, Dice& dice, Machine& machine)
      : timeline_(timeline), dice_(dice), machine_(machine) {}

  /// Someone begins to pay now.
  void begin_life();
  /// Every order of every life has come to its end.
  [[nodiscard]] bool done() const { return open_ == 0; }
  /// Done, and no second send of a request is still on its way: one that was refused may have its
  /// effect then.
  [[nodiscard]] bool quiet() const { return done() && late_ == 0; }
  /// Sends every order once more; answers are compared with the first ones.
  void repeat_everything();
  /// From now on a repeated key must be a tombstone.
  void expect_tombstones() { tombstones_ = true; }
  /// Reads every payment.
  void look();

  [[nodiscard]] const std::deque<Life>& lives() const { return lives_; }
  [[nodiscard]] const std::deque<Order>& orders() const { return orders_; }
  /// What clients saw that must not be.
  [[nodiscard]] const std::vector<std::string>& complaints() const { return complaints_; }

 private:
  using Reply = Result<engine::Reply>;
  Order& add(Request request, std::size_t life, std::int64_t delay);
  void send(Order& order);
  void wake(Order& order, std::int64_t delay);
  void hear(Order& order, const Reply& reply);
  void accept(Order& order, const engine::Reply& reply);
  void refuse(Order& order, Errc code);
  void settle(Order& order);
  void check_again(Order& order, const Reply& reply);
  void misuse_key(Order& order);
  void confirm_payment(std::size_t life);
  void command_payment(std::size_t life);
  static Request about(const Life& life);
  Request choose_command(Life& life);
  std::int64_t some_amount(Life& life);
  std::int64_t some_delay();
  void complain(const Order& order, const std::string& what);

  Timeline& timeline_;
  Dice& dice_;
  Machine& machine_;
  std::deque<Life> lives_;
  std::deque<Order> orders_;
  std::uint64_t open_ = 0;
  std::uint64_t late_ = 0;
  bool ending_ = false;  ///< no new orders, everything known is repeated
  bool tombstones_ = false;
  std::vector<std::string> complaints_;
};

}  // namespace florin::sim
