#include "daemon/control/record_store.h"

#include <future>

namespace florin::control {

ledger::Actor person_actor(std::uint32_t uid) {
  ledger::Actor actor{ledger::ActorKind::person, {}};
  for (std::size_t i = 0; i < 4; ++i) {
    actor.id.bytes[12 + i] = static_cast<std::uint8_t>(uid >> (8 * (3 - i)));
  }
  return actor;
}

Result<void> append_record(ledger::Ledger& books, NewRecord record, const Clock& clock,
                           Entropy& entropy) {
  ledger::Command command{.entry_id = new_uuid(clock, entropy),
                          .type = ledger::EntryType::audit,
                          .subject = record.id,
                          .actor = person_actor(record.uid),
                          .note = std::move(record.note)};
  command.objects.push_back({.kind = static_cast<ledger::ObjectKind>(record.kind),
                             .id = record.id,
                             .expected_version = 0,
                             .immutable = std::move(record.stored.immutable),
                             .head = std::move(record.stored.head)});
  if (record.unique) {
    command.uniques.push_back({.table = static_cast<ledger::UniqueTable>(record.unique->first),
                               .key = record.unique->second,
                               .value = to_bytes(record.id.view())});
  }
  std::vector<ledger::Command> commands;
  commands.push_back(std::move(command));
  std::vector<Result<ledger::Receipt>> receipts = books.append(std::move(commands));
  FLORIN_TRY(ledger::Receipt receipt, std::move(receipts.front()));
  std::promise<Result<void>> visible;
  books.wait_visible(receipt.seq,
                     [&](Result<void> result) { visible.set_value(std::move(result)); });
  return visible.get_future().get();
}

}  // namespace florin::control
