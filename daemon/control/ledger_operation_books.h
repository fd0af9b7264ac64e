#pragma once
/// What the operations on books have in common. Private to the room.
#include <string>

#include "daemon/control/appliance.h"
#include "daemon/control/operation.h"

namespace florin::control {

struct NamedBooks {
  std::shared_ptr<ledger::Ledger> books;
  std::string canonical;  ///< "tnt_.../live", "system"
  std::string spoken;     ///< "acme/live", "system"
};
/// Errors: `not_found` naming the parameter.
Result<NamedBooks> books_of(const Appliance& appliance, const std::string& ledger);
/// Of a tenant; the system ledger moves no money.
Result<NamedBooks> tenant_books_of(const Appliance& appliance, const std::string& ledger);

/// By number, as `florin ledger balances` shows it. Error: `not_found` naming `parameter`.
Result<ledger::AccountBalance> account_of(const NamedBooks& books, std::string_view parameter,
                                          const std::string& number);
std::string account_text(const ledger::Account& account);

/// A command whose entry id is the request's, with everybody's approval.
ledger::Command command_for(const ApprovedRequest& request, ledger::EntryType type);
/// Appends it unless it was appended for this request before; the entry's number.
Result<json::object> append_once(const NamedBooks& books, ledger::Command command);

std::vector<Operation> ledger_correction_operations(Appliance& appliance, const Clock& clock);

}  // namespace florin::control
