#pragma once
/// Random commands of many kinds: most could be right, some cannot. They share a small number of
/// accounts, holds, objects and keys, so that they meet each other.
#include <deque>
#include <random>
#include <span>

#include "support/ledger_commands.h"
#include "support/manual_clock.h"
#include "support/memory_ledger/memory_ledger.h"

namespace florin::ledger::sim {

class CommandSource {
 public:
  struct Kind {
    const char* name;
    unsigned weight;
    Command (CommandSource::*make)();
  };
  struct Next {
    std::size_t kind = 0;  ///< position in kinds()
    Command command;
  };

  /// The model tells which commands have a chance; both must outlive the source.
  CommandSource(std::uint64_t seed, const test::MemoryLedger& model, const Clock& clock)
      : random_(seed), model_(model), clock_(clock) {}

  static std::span<const Kind> kinds();
  Next next();
  /// Less than `limit`.
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

  /// What was spoken of so far, for whoever looks at everything.
  [[nodiscard]] std::uint64_t holds() const { return last_hold_; }
  [[nodiscard]] std::uint64_t keys() const { return last_key_; }
  [[nodiscard]] std::uint64_t objects() const { return last_object_; }

 private:
  bool chance(std::uint64_t one_in) { return below(one_in) == 0; }
  std::uint64_t amount() { return 1 + below(chance(10) ? 100'000 : 500); }
  std::uint64_t owner();
  std::uint64_t governed_owner();
  std::uint64_t any_owner() { return chance(2) ? governed_owner() : owner(); }
  std::uint64_t recent(std::uint64_t last, std::uint64_t window);
  std::uint64_t new_hold() { return ++last_hold_; }
  std::uint64_t some_hold() { return recent(last_hold_, 60); }
  Uuid some_entry();
  UnixNanos some_expiry();
  [[nodiscard]] HoldState hold_state(std::uint64_t number) const;
  [[nodiscard]] std::uint64_t remaining_of(std::uint64_t number) const;
  std::uint64_t part_of(std::uint64_t whole);
  std::uint64_t memo_owner(std::uint64_t hold) const { return 1 + hold % 3; }
  Command new_command(EntryType type) { return ledger::command_of(++serial_, type); }
  Command hold_only(HoldOperation operation, std::uint64_t hold, std::uint64_t amount);
  void spoil(Command& command);
  void adorn(Command& command);

  // Money.
  Command transfer();
  Command withdrawal();
  Command exchange();
  Command sub_merchant_sale();
  Command many_postings();
  Command large_amounts();
  Command back_dated();
  Command unbalanced();
  // Holds.
  Command authorize();
  Command authorize_bare();
  Command increase();
  Command capture_part();
  Command capture_final();
  Command capture_twice();
  Command void_rest();
  Command release_part();
  Command refund();
  Command payout_reserve();
  Command payout_done();
  Command expiry();
  Command several_holds();
  // Facts.
  Command fact_transfer();
  Command fact_withdrawal();
  Command fact_capture();
  Command fact_refund();
  Command fact_open();
  Command fact_late();
  // Corrections and records about the books.
  Command reversal();
  Command reversal_fact();
  Command adjustment();
  Command clock_record();
  Command period();
  Command account_limit();
  Command account_freeze();
  Command account_close();
  Command recovery();
  Command audit();
  // Keys and objects.
  Command object_create();
  Command object_change();
  Command unique_key();
  Command reserve_answer();
  Command give_answer();
  Command events();
  // Wrong on purpose.
  Command repeated();
  Command same_id();
  Command malformed();
  Command oversize();

  std::mt19937_64 random_;
  const test::MemoryLedger& model_;
  const Clock& clock_;
  std::uint64_t serial_ = 0;
  std::uint64_t last_hold_ = 0;
  std::uint64_t last_object_ = 0;
  std::uint64_t last_key_ = 0;
  std::uint64_t last_event_ = 0;
  std::deque<Command> history_;
  std::vector<DueHold> due_;  ///< some that were due when it was asked last
};

}  // namespace florin::ledger::sim
