#pragma once
/// An entry decoded for people: what operators and auditors read on a screen.
#include <optional>
#include <string>
#include <vector>

#include "ledger/ledger.h"

namespace florin::ledger {

struct PostingDetails {
  std::uint64_t account = 0;
  std::uint64_t amount = 0;
  std::uint16_t asset = 0;
  Side side{};
  Layer layer{};
  Uuid party;
};

struct EntryDetails {
  std::uint64_t seq = 0;
  Uuid id;
  EntryType type{};
  UnixNanos booked_at = 0;
  Uuid subject;
  std::string note;
  bool evaluation = false;  ///< genesis of an evaluation instance
  std::vector<PostingDetails> postings;
  std::optional<std::uint64_t> reverses = std::nullopt;  ///< number of the entry that it takes back
};

/// Whether a reversal can take back an entry of this type.
[[nodiscard]] bool can_be_reversed(EntryType type) noexcept;
/// Error: `ledger_record_invalid`.
Result<EntryDetails> describe(const EntryView& entry);

}  // namespace florin::ledger
