#pragma once
/// The acquirer's state as a pure machine: `decide` looks, `settle` changes. The difference is the
/// entry that must be on disk before the answer leaves.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/money.h"

namespace florin::sandbox {

enum class OperationKind : std::uint8_t { charge, capture, void_, refund, increment };
std::string_view operation_name(OperationKind kind) noexcept;

/// A request that may move money, its shape already checked.
struct Command {
  OperationKind kind = OperationKind::charge;
  std::string key;          ///< Idempotency-Key
  std::string fingerprint;  ///< equal for equal requests
  std::string charge_id;    ///< empty for charges
  std::string reference;
  std::optional<Money> amount;  ///< absent for voids
  std::string token;
  std::string merchant_reference;
  bool capture = false;
  bool final_capture = false;
};

/// What an acquirer says of a charge after its end, as it was ordered to say it: nothing of it is
/// compared with the book, so that it can be wrong.
struct AfterOrder {
  enum class Kind : std::uint8_t { dispute, dispute_step, refund_return, capture_reversal };
  Kind kind = Kind::dispute;
  std::string about;  ///< the charge, dispute, refund, or the capture or charge
  std::optional<Money> amount;
  std::string stage;  ///< of disputes, like the members below
  std::string status;
  std::string reason;
  std::int64_t respond_by_s = 0;  ///< seconds since 1970; 0 = no deadline
};

struct Answer {
  int status = 200;
  std::string body;
  bool replayed = false;
};

/// How the connection goes on.
enum class Ending : std::uint8_t { answer, stall, close_before, close_after };

struct Decision {
  Ending ending = Ending::answer;
  Answer answer;
  std::optional<json::object> entry;  ///< what changes; nothing for replays and unkeyed refusals
};

enum class ChargeStatus : std::uint8_t { authorized, captured, voided, declined, pending };
std::string_view charge_status_name(ChargeStatus status) noexcept;

class Book {
 public:
  /// `amount_outcomes`: the last two digits of an amount decide how captures, voids and refunds
  /// end.
  explicit Book(bool amount_outcomes) : amount_outcomes_(amount_outcomes) {}

  [[nodiscard]] Decision decide(const Command& command) const;
  [[nodiscard]] Decision cancel_key(const std::string& key) const;
  [[nodiscard]] Answer inquire(const std::string& key) const;
  /// What an inquiry tells of a key that has an answer; nothing for other keys.
  [[nodiscard]] std::optional<json::object> record(const std::string& key) const;
  /// Ends a pending charge: 200 with what an inquiry tells then, 404 when there is none pending.
  [[nodiscard]] Decision conclude(const std::string& charge_id, bool approve) const;
  /// Says it: 200 with the object that is told, 404 `unknown_object`.
  [[nodiscard]] Decision say_after(const AfterOrder& order) const;
  /// Everything, for tests.
  [[nodiscard]] json::value print() const;

  /// Makes a decision's entry true and counts it.
  void settle(const Decision& decision);
  /// Makes an entry from the file true. Error: `malformed_value` when it cannot be ours.
  Result<void> apply(const json::object& entry);

 private:
  struct Part {
    OperationKind kind;
    json::object answer;
  };
  struct Charge {
    std::string reference;
    Money amount;
    Money captured;
    Money refunded;
    ChargeStatus status;
    json::object extra;  ///< decline, merchant_reference
    std::vector<Part> parts;
  };
  struct KeyRecord {
    bool cancelled = false;
    std::string kind;
    std::string fingerprint;
    std::string reference;
    int status = 0;
    json::object answer;
    bool capture = false;  ///< of a charge: it captures at once
  };
  struct Judgement;

  [[nodiscard]] Judgement judge(const Command& command) const;
  [[nodiscard]] Judgement judge_charge(const Command& command) const;
  [[nodiscard]] Judgement judge_part(const Command& command, const Charge& charge) const;
  [[nodiscard]] json::object record_of(const std::string& key, const KeyRecord& record) const;
  Result<void> apply_executed(OperationKind kind, const json::object& entry,
                              const json::object& answer);
  Result<void> apply_charge(const json::object& entry, const json::object& answer);
  Result<void> apply_conclusion(const json::object& entry);
  [[nodiscard]] std::optional<json::object> object_after(const AfterOrder& order) const;
  [[nodiscard]] std::optional<json::object> part_of(std::string_view id) const;
  Result<void> apply_after(const json::object& entry);

  bool amount_outcomes_;
  std::map<std::string, Charge> charges_;
  std::map<std::string, KeyRecord> keys_;
  std::map<std::string, json::object> afters_;  ///< disputes, returns and reversals, by their names
  std::int64_t said_after_ = 0;
  std::map<std::string, std::int64_t> executed_;
  std::map<std::string, std::int64_t> executions_by_reference_;
  std::int64_t declined_ = 0;
  std::int64_t refused_ = 0;
  std::int64_t cancelled_ = 0;
  std::int64_t replayed_ = 0;
  std::int64_t keys_refused_ = 0;
};

/// {"code": …, "message": …}
json::object error_body(std::string_view code, std::string_view message);

}  // namespace florin::sandbox
