// Corrections: new entries beside those that were wrong.
#include <fmt/format.h>

#include "base/currency.h"
#include "daemon/control/ledger_operation_books.h"
#include "daemon/control/parameters.h"
#include "ledger/describe.h"

namespace florin::control {
namespace {

using domain::Role;

struct Adjustment {
  NamedBooks books;
  ledger::AccountBalance debit;
  ledger::AccountBalance credit;
  std::uint64_t amount = 0;
  std::string day;  ///< empty: the day of booking
  std::optional<std::int32_t> effective_day;
};

Result<Adjustment> read_adjustment(const Appliance& appliance, const json::object& parameters) {
  FLORIN_TRY(const auto texts,
             read_parameters(
                 parameters,
                 {{"ledger"}, {"debit", 20}, {"credit", 20}, {"amount", 20}, {"day", 10, false}},
                 {"currency"}));
  Adjustment out;
  FLORIN_TRY(out.books, tenant_books_of(appliance, texts[0]));
  FLORIN_TRY(out.debit, account_of(out.books, "debit", texts[1]));
  FLORIN_TRY(out.credit, account_of(out.books, "credit", texts[2]));
  FLORIN_TRY(out.amount, number_parameter("amount", texts[3]));
  out.day = texts[4];
  if (out.amount == 0) {
    return wrong_parameter(Errc::malformed_value, "amount", "expected more than nothing");
  }
  if (out.debit.account.number == out.credit.account.number) {
    return wrong_parameter(Errc::malformed_value, "credit", "expected another account");
  }
  if (out.debit.account.key.asset != out.credit.account.key.asset) {
    return wrong_parameter(Errc::currency_mismatch, "credit", "the accounts are of two currencies");
  }
  if (!out.day.empty()) {
    FLORIN_TRY(out.effective_day, day_parameter("day", out.day));
  }
  return out;
}

Result<Proposal> propose_adjustment(const Appliance& appliance, const Clock& clock,
                                    const json::object& parameters) {
  FLORIN_TRY(const Adjustment wanted, read_adjustment(appliance, parameters));
  if (wanted.effective_day && *wanted.effective_day > day_of(clock.now())) {
    return wrong_parameter(Errc::validation_failed, "day", "this day is still to come");
  }
  FLORIN_TRY(const Currency currency, Currency::from_number(wanted.debit.account.key.asset));
  Proposal out{
      .parameters = {{"ledger", wanted.books.canonical},
                     {"debit", std::to_string(wanted.debit.account.number)},
                     {"credit", std::to_string(wanted.credit.account.number)},
                     {"amount", std::to_string(wanted.amount)},
                     {"currency", currency.code()}},
      .consequence = fmt::format("{} minor units of {} are debited to {} and credited to {} of {}.",
                                 wanted.amount, currency.code(), account_text(wanted.debit.account),
                                 account_text(wanted.credit.account), wanted.books.spoken),
      .confirmation = {}};
  if (!wanted.day.empty()) {
    out.parameters["day"] = wanted.day;
    out.consequence += fmt::format(" The entry is dated {}.", wanted.day);
  }
  return out;
}

Result<ledger::Posting> posting(const NamedBooks& books, const ledger::Account& account,
                                ledger::Side side, std::uint64_t amount) {
  ledger::Posting out{.account = account.key,
                      .side = side,
                      .layer = ledger::Layer::posted,
                      .amount = amount,
                      .party = account.key.owner};
  if (account.parent != 0) {
    FLORIN_TRY(const auto parent, account_of(books, "ledger", std::to_string(account.parent)));
    out.parent_owner = parent.account.key.owner;
  }
  return out;
}

Result<json::object> adjust(const Appliance& appliance, const json::object& parameters,
                            const ApprovedRequest& request) {
  FLORIN_TRY(const Adjustment wanted, read_adjustment(appliance, parameters));
  ledger::Command command = command_for(request, ledger::EntryType::adjustment);
  FLORIN_TRY(const ledger::Posting debit,
             posting(wanted.books, wanted.debit.account, ledger::Side::debit, wanted.amount));
  FLORIN_TRY(const ledger::Posting credit,
             posting(wanted.books, wanted.credit.account, ledger::Side::credit, wanted.amount));
  command.postings = {debit, credit};
  command.effective_day = wanted.effective_day;
  return append_once(wanted.books, std::move(command));
}

struct Reversal {
  NamedBooks books;
  ledger::EntryDetails entry;
  std::string leaf;
};

Result<Reversal> read_reversal(const Appliance& appliance, const json::object& parameters) {
  FLORIN_TRY(const auto texts, read_parameters(parameters, {{"ledger"}, {"entry", 20}}, {"leaf"}));
  Reversal out;
  FLORIN_TRY(out.books, tenant_books_of(appliance, texts[0]));
  FLORIN_TRY(const std::uint64_t seq, number_parameter("entry", texts[1]));
  // What was taken back a moment ago counts.
  FLORIN_TRY_VOID(out.books.books->catch_up());
  FLORIN_TRY(const std::vector<ledger::EntryView> found, out.books.books->entries(seq, 1));
  if (found.empty() || found.front().seq != seq) {
    return wrong_parameter(Errc::not_found, "entry", "there is no entry of this number");
  }
  FLORIN_TRY(out.entry, ledger::describe(found.front()));
  out.leaf = to_hex(found.front().leaf_hash);
  return out;
}

// The entry that took this one back, if there is one: it is about the same thing. Entries about
// nothing, adjustments for instance, are not listed; of them the ledger refuses a second reversal
// when it is carried out.
Result<std::optional<std::uint64_t>> reversal_of(const NamedBooks& books,
                                                 const ledger::EntryDetails& entry) {
  constexpr std::size_t page = 1'000;
  std::uint64_t after = entry.seq;
  for (;;) {
    FLORIN_TRY(const std::vector<std::uint64_t> about,
               books.books->entries_about(entry.subject, after, page));
    for (const std::uint64_t seq : about) {
      FLORIN_TRY(const std::vector<ledger::EntryView> found, books.books->entries(seq, 1));
      if (found.empty()) continue;
      FLORIN_TRY(const ledger::EntryDetails later, ledger::describe(found.front()));
      if (later.reverses == entry.seq) return std::optional<std::uint64_t>(seq);
    }
    if (about.size() < page) return std::optional<std::uint64_t>();
    after = about.back();
  }
}

Result<Proposal> propose_reversal(const Appliance& appliance, const json::object& parameters) {
  FLORIN_TRY(const Reversal wanted, read_reversal(appliance, parameters));
  if (wanted.entry.postings.empty()) {
    return Error(Errc::state_conflict, "/parameters/entry", "the entry moved no money");
  }
  if (!ledger::can_be_reversed(wanted.entry.type)) {
    return Error(Errc::state_conflict, "/parameters/entry",
                 "an entry of this type cannot be reversed");
  }
  FLORIN_TRY(const auto reversal, reversal_of(wanted.books, wanted.entry));
  if (reversal) {
    return Error(Errc::state_conflict, "/parameters/entry",
                 fmt::format("entry {} has taken it back already", *reversal));
  }
  return Proposal{
      .parameters = {{"ledger", wanted.books.canonical},
                     {"entry", std::to_string(wanted.entry.seq)},
                     {"leaf", wanted.leaf}},
      .consequence = fmt::format(
          "All {} postings of entry {} ({} of {}) of {} are taken back by a new entry; the states "
          "of payments stay as they are.",
          wanted.entry.postings.size(), wanted.entry.seq,
          ledger::entry_type_name(wanted.entry.type), to_rfc3339(wanted.entry.booked_at),
          wanted.books.spoken),
      .confirmation = {}};
}

Result<json::object> reverse(const Appliance& appliance, const json::object& parameters,
                             const ApprovedRequest& request) {
  FLORIN_TRY(const Reversal wanted, read_reversal(appliance, parameters));
  ledger::Command command = command_for(request, ledger::EntryType::reversal);
  command.subject = wanted.entry.subject;
  command.reverses = wanted.entry.id;
  FLORIN_TRY(json::object done, append_once(wanted.books, std::move(command)));
  done["reversed"] = wanted.entry.seq;
  return done;
}

}  // namespace

std::vector<Operation> ledger_correction_operations(Appliance& appliance, const Clock& clock) {
  constexpr domain::Roles ask = domain::roles(Role::operator_);
  constexpr domain::Roles approve = domain::roles(Role::operator_, Role::admin);
  Appliance* const all = &appliance;
  const Clock* const now = &clock;
  std::vector<Operation> out;
  out.push_back(
      {.name = "ledger.adjust",
       .requesters = ask,
       .approvers = approve,
       .propose =
           [all, now](const json::object& given) { return propose_adjustment(*all, *now, given); },
       .execute = [all](const json::object& given,
                        const ApprovedRequest& request) { return adjust(*all, given, request); }});
  out.push_back(
      {.name = "ledger.reverse",
       .requesters = ask,
       .approvers = approve,
       .propose = [all](const json::object& given) { return propose_reversal(*all, given); },
       .execute = [all](const json::object& given,
                        const ApprovedRequest& request) { return reverse(*all, given, request); }});
  return out;
}

}  // namespace florin::control
