#pragma once
/// Decides one command against the books: the rules of ledger/FORMAT.md and ledger/command.h,
/// written down a second time and without regard to speed.
#include <optional>

#include "support/memory_ledger/draft.h"

namespace florin::ledger::model {

struct Verdict {
  std::optional<Receipt> duplicate;  ///< the same command was appended before
  Draft draft;
};

/// Pure. `booked_at` is the time that the entry would get.
Verdict judge(const Books& books, const Command& command, UnixNanos booked_at);

/// The steps of judge(), in their order. Each adds what it finds to the draft.
void check_form(const Command& command, Draft& draft);
void check_fields_of_type(const Command& command, Draft& draft);
void check_keys(const Books& books, const Command& command, Draft& draft);
void check_type(const Books& books, const Command& command, Draft& draft);
void fill_from_command(const Books& books, const Command& command, Draft& draft);
void fill_reversal(const Books& books, const Command& command, Draft& draft);
void fill_expiry(const Books& books, const Command& command, Draft& draft);
void change_accounts(const Books& books, const Command& command, Draft& draft);
void check_day(const Books& books, const Command& command, Draft& draft);
/// Puts leaf.postings where they may stand and runs the totals on.
void post(const Books& books, const Command& command, Draft& draft);
void change_holds(const Books& books, const Command& command, Draft& draft);
void check_sizes(const Command& command, Draft& draft);

/// Number of the account, opened in the draft when it is new. Nothing when it cannot be opened.
std::optional<std::uint64_t> account_number(const Books& books, Draft& draft, const AccountKey& key,
                                            const Uuid& parent_owner);

}  // namespace florin::ledger::model
