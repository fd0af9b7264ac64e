#include "daemon/control/audit_note.h"

#include "daemon/control/record_store.h"

namespace florin::control {

Result<void> append_note(ledger::Ledger& books, std::string note, std::uint32_t uid,
                         const Clock& clock, Entropy& entropy) {
  ledger::Command command;
  command.entry_id = new_uuid(clock, entropy);
  command.type = ledger::EntryType::audit;
  command.actor = person_actor(uid);
  command.note = std::move(note);
  std::vector<ledger::Command> commands;
  commands.push_back(std::move(command));
  FLORIN_TRY_VOID(std::move(books.append(std::move(commands)).front()));
  return books.catch_up();
}

}  // namespace florin::control
