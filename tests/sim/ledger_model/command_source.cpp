// Which command comes next, and what is spoiled about it.
#include "command_source.h"

#include <algorithm>

namespace florin::ledger::sim {

std::span<const CommandSource::Kind> CommandSource::kinds() {
  using Source = CommandSource;
  static constexpr Kind kKinds[] = {
      {"transfer", 8, &Source::transfer},
      {"withdrawal", 8, &Source::withdrawal},
      {"exchange", 3, &Source::exchange},
      {"sub-merchant sale", 4, &Source::sub_merchant_sale},
      {"many postings", 2, &Source::many_postings},
      {"large amounts", 2, &Source::large_amounts},
      {"back-dated", 4, &Source::back_dated},
      {"unbalanced", 3, &Source::unbalanced},
      {"authorize", 10, &Source::authorize},
      {"authorize without postings", 4, &Source::authorize_bare},
      {"increase", 5, &Source::increase},
      {"capture a part", 8, &Source::capture_part},
      {"final capture", 5, &Source::capture_final},
      {"two captures in one", 3, &Source::capture_twice},
      {"void", 4, &Source::void_rest},
      {"release a part", 4, &Source::release_part},
      {"refund", 6, &Source::refund},
      {"payout reserved", 5, &Source::payout_reserve},
      {"payout done", 5, &Source::payout_done},
      {"expiry", 6, &Source::expiry},
      {"several holds", 2, &Source::several_holds},
      {"fact: transfer", 5, &Source::fact_transfer},
      {"fact: withdrawal", 5, &Source::fact_withdrawal},
      {"fact: capture", 5, &Source::fact_capture},
      {"fact: refund", 3, &Source::fact_refund},
      {"fact: open", 3, &Source::fact_open},
      {"fact: late", 3, &Source::fact_late},
      {"reversal", 8, &Source::reversal},
      {"fact: reversal", 3, &Source::reversal_fact},
      {"adjustment", 4, &Source::adjustment},
      {"clock", 5, &Source::clock_record},
      {"period", 2, &Source::period},
      {"account limit", 3, &Source::account_limit},
      {"account freeze", 3, &Source::account_freeze},
      {"account close", 1, &Source::account_close},
      {"recovery", 1, &Source::recovery},
      {"audit", 3, &Source::audit},
      {"object created", 4, &Source::object_create},
      {"object changed", 5, &Source::object_change},
      {"unique key", 3, &Source::unique_key},
      {"answer reserved", 3, &Source::reserve_answer},
      {"answer given", 3, &Source::give_answer},
      {"events", 3, &Source::events},
      {"repeated", 3, &Source::repeated},
      {"id taken", 2, &Source::same_id},
      {"malformed", 4, &Source::malformed},
      {"oversize", 2, &Source::oversize},
  };
  return kKinds;
}

CommandSource::Next CommandSource::next() {
  unsigned total = 0;
  for (const Kind& kind : kinds()) total += kind.weight;
  std::uint64_t at = below(total);
  Next next;
  // A ledger that was restored is reopened soon: nothing else happens in the meantime.
  if (model_.books_state()->recovering && chance(8)) {
    while (kinds()[next.kind].make != &CommandSource::recovery) ++next.kind;
  } else {
    while (at >= kinds()[next.kind].weight) at -= kinds()[next.kind++].weight;
  }
  next.command = (this->*kinds()[next.kind].make)();
  adorn(next.command);
  if (chance(10)) spoil(next.command);
  history_.push_back(next.command);
  if (history_.size() > 100) history_.pop_front();
  return next;
}

// What any command may have besides.
void CommandSource::adorn(Command& command) {
  const auto known = history_.empty() ? Uuid{} : history_.back().entry_id;
  if (command.entry_id == known) return;
  for (const Command& before : history_) {
    if (before.entry_id == command.entry_id) return;  // must stay the same command
  }
  if (chance(2)) command.subject = ledger::numbered_id(1 + below(50), 0x5B);
  if (chance(3)) command.note = "note " + std::to_string(below(100));
  if (chance(3)) {
    command.actor = {static_cast<ActorKind>(below(3)), ledger::person_id(below(9))};
  }
}

void CommandSource::spoil(Command& command) {
  switch (below(8)) {
    case 0:
      if (!command.postings.empty()) ++command.postings[below(command.postings.size())].amount;
      break;
    case 1:
      if (!command.holds.empty()) command.holds[0].amount += below(300);
      break;
    case 2:
      if (!command.approvals.empty()) command.approvals.pop_back();
      break;
    case 3:
      command.note = "line\nfeed";
      break;
    case 4:
      command.entry_id = some_entry();
      break;
    case 5:
      command.effective_day = day_of(clock_.now()) - static_cast<std::int32_t>(below(12));
      break;
    case 6:
      command.origin = static_cast<Origin>(below(3));
      break;
    default:
      if (last_key_ > 0) {
        command.uniques.push_back({UniqueTable{1}, ledger::numbered_key(1 + below(last_key_)), {}});
      }
      break;
  }
}

std::uint64_t CommandSource::owner() {
  return 1 + below(6);
}

// Their accounts are limited, frozen and closed; now and then new ones come.
std::uint64_t CommandSource::governed_owner() {
  return 100 + serial_ / 1500 * 4 + below(5);
}

std::uint64_t CommandSource::recent(std::uint64_t last, std::uint64_t window) {
  const std::uint64_t back = below(window);
  return last > back ? last - back : 1;
}

Uuid CommandSource::some_entry() {
  const std::uint64_t size = model_.size();
  if (size < 2) return ledger::entry_id(1);
  const std::uint64_t back = 1 + below(std::min<std::uint64_t>(size - 1, 300));
  return model_.leaf(size - back).entry_id;
}

UnixNanos CommandSource::some_expiry() {
  if (chance(3)) return 0;
  return clock_.now() + static_cast<UnixNanos>(below(20)) * kNanosPerSecond;
}

HoldState CommandSource::hold_state(std::uint64_t number) const {
  const auto hold = model_.hold(ledger::hold_id(number));
  return hold->value_or(HoldState{});
}

std::uint64_t CommandSource::remaining_of(std::uint64_t number) const {
  const HoldState hold = hold_state(number);
  const std::uint64_t gone = hold.captured + hold.released;
  return hold.authorized > gone ? hold.authorized - gone : 0;
}

// Usually a part, sometimes all, sometimes more; never zero.
std::uint64_t CommandSource::part_of(std::uint64_t whole) {
  if (whole == 0 || chance(8)) return whole + 1 + below(20);
  return chance(4) ? whole : 1 + below(whole);
}

Command CommandSource::hold_only(HoldOperation operation, std::uint64_t hold,
                                 std::uint64_t amount) {
  Command command = new_command(ledger::type_of(operation));
  command.holds = {{ledger::hold_id(hold), operation, ledger::kEuro, amount}};
  return command;
}

}  // namespace florin::ledger::sim
