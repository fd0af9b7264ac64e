#pragma once
/// Looks at two ledgers from outside and tells the first thing in which they differ.
#include <set>
#include <string>

#include "command_source.h"
#include "support/memory_ledger/memory_ledger.h"

namespace florin::ledger::sim {

class Comparison {
 public:
  explicit Comparison(const test::MemoryLedger& model) : model_(model) {}
  /// The one that is compared from now on, which goes on where the one before ended.
  void look_at(const Ledger& real) { real_ = &real; }

  /// The entries that are new, what they touched, and the rules that must hold there. Empty when
  /// both agree.
  std::string after_batch();
  /// Everything that can be asked. `source` knows the keys and gives the random choices.
  std::string everything(CommandSource& source);

 private:
  void differ(const std::string& what) {
    if (difference_.empty()) difference_ = what;
  }
  template <class T>
  bool equal(const T& real, const T& model, const std::string& what) {
    if (real == model) return true;
    differ(what);
    return false;
  }
  void leaf(const EntryView& view, const verify::Leaf& expected);
  void account(const AccountBalance& real, const AccountBalance& model);
  void hold(const Uuid& id);
  void hold_rules(const HoldState& state);
  void books();
  void balances();
  void holds(const CommandSource& source);
  void objects();
  void index();
  void outbox();
  void keys(const CommandSource& source);
  void history(CommandSource& source);
  void statements(CommandSource& source);
  void statement(const StatementRequest& request);
  void tree(CommandSource& source);

  const Ledger* real_ = nullptr;
  const test::MemoryLedger& model_;
  std::string difference_;
  Hash32 previous_leaf_{};
  std::uint64_t compared_ = 0;  ///< entries whose leaves were compared
};

}  // namespace florin::ledger::sim
