// Holds, their limits and their legs.
#include <set>

#include "support/memory_ledger/judge.h"

namespace florin::ledger::model {
namespace {

using Operation = verify::HoldOperation;

class HoldChanger {
 public:
  HoldChanger(const Books& books, const Command& command, Draft& draft)
      : books_(books), draft_(draft), fact_(command.origin == Origin::fact) {}

  void run() {
    bool known = true;
    for (const verify::HoldChange& change : draft_.leaf.holds) known = apply(change) && known;
    for (const auto& [id, hold] : draft_.holds) check_limits(id, hold);
    if (!known) return;
    const bool pending = move_legs();
    // The leg of a redirected posting stands where no later posting looks for it.
    for (const verify::Redirection& row : draft_.leaf.redirections) {
      passed_ |= draft_.leaf.postings.at(row.posting).layer == verify::Layer::pending;
    }
    if (passed_) draft_.leaf.flags |= verify::kFlagLimitPassed;
    // The flag is the entry's, so it counts for every hold that the entry changes.
    for (auto& [id, hold] : draft_.holds) hold.state.limit_passed |= passed_;
    if (pending && draft_.holds.size() == 1) check_legs(draft_.holds.begin()->second);
  }

 private:
  // False when the hold cannot be found, so that nothing more can be told of it.
  bool apply(const verify::HoldChange& change) {
    Hold* const hold = find(change);
    if (hold == nullptr) return false;
    if (hold->state.asset != change.asset) {
      draft_.refuse(Errc::currency_mismatch, "holds");
      if (fact_) draft_.open_question("a fact in another currency than its hold");
    }
    return change.takes_back ? take_back(*hold, change) : add(*hold, change);
  }

  Hold* find(const verify::HoldChange& change) {
    const auto changed = draft_.holds.find(change.hold);
    const auto before = books_.holds.find(change.hold);
    const bool exists = changed != draft_.holds.end() || before != books_.holds.end();
    const bool opens = change.operation == Operation::open && !change.takes_back;
    if (exists == opens) {
      if (!fact_) {
        draft_.refuse(opens ? Errc::state_conflict : Errc::not_found, "holds");
        if (opens) {
          const HoldState& state =
              changed != draft_.holds.end() ? changed->second.state : before->second.state;
          also_wrong(state, change);
        }
        return nullptr;
      }
      passed_ = true;
    }
    Hold& hold = draft_.holds[change.hold];
    if (changed == draft_.holds.end() && before != books_.holds.end()) hold = before->second;
    if (!exists) {
      hold.state.id = change.hold;
      hold.state.asset = change.asset;
      hold.state.expires_at = change.expires_at;
    }
    return &hold;
  }

  // What else may be said of a hold that is opened a second time.
  void also_wrong(const HoldState& state, const verify::HoldChange& change) {
    if (state.asset != change.asset) draft_.allowed.insert(Errc::currency_mismatch);
    if (state.authorized + change.amount < change.amount) {
      draft_.allowed.insert(Errc::ledger_overflow);
    }
  }

  bool raise(std::uint64_t& sum, std::uint64_t amount) {
    if (sum + amount < sum) {
      draft_.refuse(Errc::ledger_overflow, "holds", {Errc::ledger_hold_exceeded});
      return false;
    }
    sum += amount;
    return true;
  }

  bool add(Hold& hold, const verify::HoldChange& change) {
    HoldState& state = hold.state;
    switch (change.operation) {
      case Operation::open:
        if (state.expires_at != change.expires_at) {
          draft_.open_question("a hold opened twice with two times");
        }
        return raise(state.authorized, change.amount);
      case Operation::increase:
        if (change.expires_at != 0) state.expires_at = change.expires_at;
        return raise(state.authorized, change.amount);
      case Operation::capture:
        return raise(state.captured, change.amount) && may_break_authorized(hold);
      case Operation::release:
      case Operation::expire:
        return raise(state.released, change.amount) && may_break_authorized(hold);
      case Operation::refund:
        return raise(state.refunded, change.amount) && may_break_captured(hold);
    }
    return false;
  }

  bool lower(std::uint64_t& sum, std::uint64_t amount) {
    if (sum < amount) {
      draft_.refuse(Errc::ledger_hold_exceeded, "holds", {Errc::ledger_overflow});
      draft_.open_question("a sum of a hold would go below zero");
      return false;
    }
    sum -= amount;
    return true;
  }

  bool take_back(Hold& hold, const verify::HoldChange& change) {
    HoldState& state = hold.state;
    switch (change.operation) {
      case Operation::open:
      case Operation::increase:
        return lower(state.authorized, change.amount) && may_break_authorized(hold);
      case Operation::capture:
        return lower(state.captured, change.amount) && may_break_captured(hold);
      case Operation::release:
      case Operation::expire:
        return lower(state.released, change.amount);
      case Operation::refund:
        return lower(state.refunded, change.amount);
    }
    return false;
  }

  bool may_break_authorized(const Hold& hold) {
    authorized_.insert(hold.state.id);
    return true;
  }
  bool may_break_captured(const Hold& hold) {
    captured_.insert(hold.state.id);
    return true;
  }
  // The limits are those of the entry as a whole; those count that one of its changes could break.
  void check_limits(const Uuid& id, const Hold& hold) {
    const bool good = (hold.remaining() >= 0 || !authorized_.contains(id)) &&
                      (hold.state.refunded <= hold.state.captured || !captured_.contains(id));
    if (good) return;
    if (fact_) {
      passed_ = true;
    } else {
      draft_.refuse(Errc::ledger_hold_exceeded, "holds");
    }
  }

  // True when the entry has pending postings.
  bool move_legs() {
    bool pending = false;
    for (const verify::Posting& posting : draft_.leaf.postings) {
      if (posting.layer != verify::Layer::pending) continue;
      pending = true;
      if (draft_.holds.size() != 1) continue;
      Hold& hold = draft_.holds.begin()->second;
      if (posting.asset != hold.state.asset) {
        draft_.refuse(Errc::currency_mismatch, "postings",
                      {Errc::validation_failed, Errc::ledger_hold_exceeded});
      }
      Int128& net = hold.legs[{posting.account, posting.party}];
      const Int128 amount = posting.amount;
      net += posting.side == verify::Side::debit ? amount : -amount;
    }
    if (pending && draft_.holds.size() != 1) draft_.refuse(Errc::validation_failed, "holds");
    return pending;
  }

  void check_legs(const Hold& hold) {
    if (hold.state.limit_passed) return;
    Int128 held = 0;
    for (const auto& [leg, net] : hold.legs) held += net > 0 ? net : 0;
    if (held == hold.remaining()) return;
    draft_.refuse(Errc::ledger_unbalanced, "holds",
                  {Errc::validation_failed, Errc::ledger_hold_exceeded, Errc::state_conflict});
    if (fact_) draft_.open_question("a fact whose pending postings do not fit its hold");
  }

  const Books& books_;
  Draft& draft_;
  bool fact_;
  bool passed_ = false;
  std::set<Uuid> authorized_;  ///< holds of which more could be gone than was authorized
  std::set<Uuid> captured_;    ///< holds of which more could be refunded than was captured
};

}  // namespace

void change_holds(const Books& books, const Command& command, Draft& draft) {
  HoldChanger(books, command, draft).run();
}

}  // namespace florin::ledger::model
