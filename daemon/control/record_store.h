#pragma once
/// Reading and writing standing records in a ledger.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/entropy.h"
#include "daemon/domain/kinds.h"
#include "daemon/domain/records.h"
#include "ledger/ledger.h"

namespace florin::control {

/// Every record of a kind. `decode` is one of domain's decoders.
template <class T, class Decode>
Result<std::vector<T>> all_records(const ledger::Ledger& books, domain::Kind kind, Decode decode) {
  constexpr std::size_t page = 1000;
  std::vector<T> out;
  std::optional<Uuid> after;
  for (;;) {
    FLORIN_TRY(std::vector<ledger::ObjectRow> rows,
               books.objects(static_cast<ledger::ObjectKind>(kind), after, page));
    for (const ledger::ObjectRow& row : rows) {
      FLORIN_TRY(T record, decode(row.id, row.immutable, row.head));
      out.push_back(std::move(record));
      after = row.id;
    }
    if (rows.size() < page) return out;
  }
}

/// A record that is to be written for the first time.
struct NewRecord {
  domain::Kind kind{};
  Uuid id;
  domain::Stored stored;
  std::string note;  ///< public, e.g. "merchant created"
  std::uint32_t uid = 0;
  /// A key that no other record may hold.
  std::optional<std::pair<domain::Unique, Key16>> unique;
};

/// Appends an audit entry with the record and waits until reads see it. Errors: `unique_violation`,
/// those of the ledger.
Result<void> append_record(ledger::Ledger& books, NewRecord record, const Clock& clock,
                           Entropy& entropy);

/// A person as an actor of an entry.
ledger::Actor person_actor(std::uint32_t uid);

}  // namespace florin::control
