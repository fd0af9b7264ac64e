#pragma once
/// The stored checkpoints of a ledger: cp/<size>.note. Private to the room.
#include <filesystem>
#include <optional>

#include "ledger/verify/note.h"

namespace florin::ledger {

struct StoredCheckpoint {
  std::string text;  ///< the whole note
  verify::SignedNote note;
};

/// The checkpoint of the greatest size. Error: `ledger_corrupt` when it is not well formed, names
/// another size than its file, or another origin.
Result<std::optional<StoredCheckpoint>> read_last_checkpoint(const std::filesystem::path& directory,
                                                             const std::string& origin);

/// Durable when it returns.
Result<void> store_checkpoint(const std::filesystem::path& directory, std::uint64_t size,
                              const std::string& text);

}  // namespace florin::ledger
