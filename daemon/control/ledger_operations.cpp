#include "daemon/control/ledger_operations.h"

#include <fmt/format.h>

#include "daemon/control/ledger_operation_books.h"
#include "daemon/control/parameters.h"
#include "daemon/control/people.h"
#include "ledger/chart.h"

namespace florin::control {
namespace {

using domain::Role;

constexpr domain::Roles kAsk = domain::roles(Role::operator_);
constexpr domain::Roles kApprove = domain::roles(Role::operator_, Role::admin);

Result<Proposal> propose_reopening(const Appliance& appliance, const json::object& parameters) {
  FLORIN_TRY(const auto texts, read_parameters(parameters, {{"ledger"}}, {"origin"}));
  FLORIN_TRY(const NamedBooks books, books_of(appliance, texts[0]));
  FLORIN_TRY(const ledger::BooksState state, books.books->books_state());
  if (!state.recovering) {
    return Error(Errc::state_conflict, "/parameters/ledger",
                 "the ledger is open: there is nothing to reopen");
  }
  // The origin names the restore that the request is about.
  return Proposal{
      .parameters = {{"ledger", books.canonical}, {"origin", books.books->options().origin}},
      .consequence = fmt::format("The restored books of {} take commands that move money again; "
                                 "what was lost with the restore has to be resolved before.",
                                 books.spoken),
      .confirmation = {}};
}

Result<json::object> reopen(const Appliance& appliance, const json::object& parameters,
                            const ApprovedRequest& request) {
  FLORIN_TRY(const auto texts, read_parameters(parameters, {{"ledger"}, {"origin", 256}}));
  FLORIN_TRY(const NamedBooks books, books_of(appliance, texts[0]));
  ledger::Command command = command_for(request, ledger::EntryType::recovery);
  command.recovery = ledger::RecoveryRecord{.step = ledger::RecoveryStep::reopened};
  FLORIN_TRY(json::object done, append_once(books, std::move(command)));
  done["state"] = "open";
  return done;
}

Result<Proposal> propose_lock(const Appliance& appliance, const Clock& clock,
                              const json::object& parameters) {
  FLORIN_TRY(const auto texts, read_parameters(parameters, {{"ledger"}, {"through", 10}}));
  FLORIN_TRY(const NamedBooks books, tenant_books_of(appliance, texts[0]));
  FLORIN_TRY(const std::int32_t day, day_parameter("through", texts[1]));
  if (day >= day_of(clock.now())) {
    return wrong_parameter(Errc::validation_failed, "through",
                           "only days that are over can be locked");
  }
  FLORIN_TRY(const ledger::BooksState state, books.books->books_state());
  if (state.locked_through && day <= *state.locked_through) {
    return Error(Errc::state_conflict, "/parameters/through", "these days are locked already");
  }
  return Proposal{
      .parameters = {{"ledger", books.canonical}, {"through", texts[1]}},
      .consequence = fmt::format("Nothing but an adjustment of two people can be dated {} or "
                                 "earlier in the books of {}; a lock is never taken back.",
                                 texts[1], books.spoken),
      .confirmation = {}};
}

Result<json::object> lock(const Appliance& appliance, const json::object& parameters,
                          const ApprovedRequest& request) {
  FLORIN_TRY(const auto texts, read_parameters(parameters, {{"ledger"}, {"through", 10}}));
  FLORIN_TRY(const NamedBooks books, tenant_books_of(appliance, texts[0]));
  ledger::Command command = command_for(request, ledger::EntryType::period);
  FLORIN_TRY(command.lock_through, day_parameter("through", texts[1]));
  FLORIN_TRY(json::object done, append_once(books, std::move(command)));
  done["locked_through"] = texts[1];
  return done;
}

struct Freezing {
  NamedBooks books;
  ledger::AccountBalance account;
  std::uint32_t flags = 0;
};

Result<Freezing> read_freezing(const Appliance& appliance, const json::object& parameters) {
  FLORIN_TRY(const auto texts,
             read_parameters(parameters, {{"ledger"}, {"account", 20}, {"state", 6}}));
  Freezing out;
  FLORIN_TRY(out.books, tenant_books_of(appliance, texts[0]));
  FLORIN_TRY(out.account, account_of(out.books, "account", texts[1]));
  out.flags = out.account.flags & ~std::uint32_t{ledger::kAccountFrozen};
  if (texts[2] == "frozen") {
    out.flags |= ledger::kAccountFrozen;
  } else if (texts[2] != "open") {
    return wrong_parameter(Errc::malformed_value, "state", "expected frozen or open");
  }
  return out;
}

Result<Proposal> propose_freezing(const Appliance& appliance, const json::object& parameters) {
  FLORIN_TRY(const Freezing wanted, read_freezing(appliance, parameters));
  const bool frozen = (wanted.flags & ledger::kAccountFrozen) != 0;
  if (wanted.flags == wanted.account.flags) {
    return Error(Errc::state_conflict, "/parameters/state",
                 frozen ? "the account is frozen already" : "the account is not frozen");
  }
  const auto row = ledger::chart_row(wanted.account.account.key.code);
  if (row && !row->takes_flags) {
    return Error(Errc::state_conflict, "/parameters/account",
                 "accounts of this kind are never frozen");
  }
  const std::string name = account_text(wanted.account.account);
  return Proposal{
      .parameters = {{"ledger", wanted.books.canonical},
                     {"account", std::to_string(wanted.account.account.number)},
                     {"state", frozen ? "frozen" : "open"}},
      .consequence =
          frozen ? fmt::format("{} of {} takes no postings: commands are refused, what happened "
                               "at an acquirer goes to suspense.",
                               name, wanted.books.spoken)
                 : fmt::format("{} of {} takes postings again.", name, wanted.books.spoken),
      .confirmation = {}};
}

Result<json::object> freeze(const Appliance& appliance, const json::object& parameters,
                            const ApprovedRequest& request) {
  FLORIN_TRY(const Freezing wanted, read_freezing(appliance, parameters));
  ledger::Command command = command_for(request, ledger::EntryType::account);
  command.account_changes.push_back({.account = wanted.account.account.key, .flags = wanted.flags});
  FLORIN_TRY(json::object done, append_once(wanted.books, std::move(command)));
  done["account"] = wanted.account.account.number;
  done["state"] = (wanted.flags & ledger::kAccountFrozen) != 0 ? "frozen" : "open";
  return done;
}

}  // namespace

Result<NamedBooks> books_of(const Appliance& appliance, const std::string& ledger) {
  if (ledger == "system") return NamedBooks{appliance.system_ledger(), ledger, ledger};
  return tenant_books_of(appliance, ledger);
}

Result<NamedBooks> tenant_books_of(const Appliance& appliance, const std::string& ledger) {
  const std::size_t slash = ledger.find('/');
  const Error missing = wrong_parameter(Errc::not_found, "ledger", "expected TENANT/MODE");
  if (slash == std::string::npos) return missing;
  const auto mode = ledger::parse_mode(ledger.substr(slash + 1));
  if (!mode.ok() || *mode == ledger::Mode::system) return missing;
  auto tenant = appliance.tenant(ledger.substr(0, slash));
  if (!tenant.ok()) return wrong_parameter(Errc::not_found, "ledger", "there is no such tenant");
  FLORIN_TRY(ledger::TenantLedger found, appliance.ledger_of(tenant->id, *mode));
  FLORIN_TRY_VOID(found.books->catch_up());
  const std::string name(ledger::mode_name(*mode));
  return NamedBooks{found.books, tenant->id.text() + "/" + name, tenant->name + "/" + name};
}

Result<ledger::AccountBalance> account_of(const NamedBooks& books, std::string_view parameter,
                                          const std::string& number) {
  FLORIN_TRY(const std::uint64_t wanted, number_parameter(parameter, number));
  FLORIN_TRY(const std::vector<ledger::AccountBalance> all, books.books->balances());
  for (const ledger::AccountBalance& row : all) {
    if (row.account.number == wanted) return row;
  }
  return wrong_parameter(Errc::not_found, parameter, "there is no account of this number");
}

std::string account_text(const ledger::Account& account) {
  const auto row = ledger::chart_row(account.key.code);
  return fmt::format("account {} ({} {})", account.number, static_cast<unsigned>(account.key.code),
                     row ? row->name : std::string_view("?"));
}

ledger::Command command_for(const ApprovedRequest& request, ledger::EntryType type) {
  ledger::Command command;
  command.entry_id = request.id;
  command.type = type;
  command.actor = actor_of({request.people.front()});
  command.note = request.reason;
  for (const Uuid& person : request.people) command.approvals.push_back({person, request.digest});
  return command;
}

Result<json::object> append_once(const NamedBooks& books, ledger::Command command) {
  FLORIN_TRY_VOID(books.books->catch_up());
  const Uuid id = command.entry_id;
  FLORIN_TRY(std::optional<std::uint64_t> seq, books.books->entry_seq(id));
  if (!seq) {
    std::vector<ledger::Command> commands;
    commands.push_back(std::move(command));
    std::vector<Result<ledger::Receipt>> receipts = books.books->append(std::move(commands));
    if (!receipts.front().ok()) return std::move(receipts.front()).error();
    seq = receipts.front()->seq;
    FLORIN_TRY_VOID(books.books->catch_up());
  }
  return json::object{{"ledger", books.spoken}, {"entry", *seq}};
}

std::vector<Operation> ledger_operations(Appliance& appliance, const Clock& clock) {
  Appliance* const all = &appliance;
  const Clock* const now = &clock;
  std::vector<Operation> out = ledger_correction_operations(appliance, clock);
  const auto add = [&](const char* name, auto propose, auto execute) {
    out.push_back(
        {.name = name,
         .requesters = kAsk,
         .approvers = kApprove,
         .propose = [all, propose](const json::object& given) { return propose(*all, given); },
         .execute = [all, execute](
                        const json::object& given,
                        const ApprovedRequest& request) { return execute(*all, given, request); }});
  };
  add("ledger.reopen", &propose_reopening, &reopen);
  add(
      "ledger.lock-period",
      [now](const Appliance& books, const json::object& given) {
        return propose_lock(books, *now, given);
      },
      &lock);
  add("ledger.account-flags", &propose_freezing, &freeze);
  return out;
}

}  // namespace florin::control
