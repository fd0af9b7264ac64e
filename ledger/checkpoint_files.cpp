#include "ledger/checkpoint_files.h"

#include <fmt/format.h>

#include "ledger/files.h"
#include "ledger/ledger.h"

namespace florin::ledger {
namespace {

std::string file_name(std::uint64_t size) {
  return fmt::format("{:020}.note", size);
}

}  // namespace

Result<std::optional<StoredCheckpoint>> read_last_checkpoint(const std::filesystem::path& directory,
                                                             const std::string& origin) {
  std::filesystem::path newest;
  std::error_code failure;
  for (std::filesystem::directory_iterator at(directory, failure), end; !failure && at != end;
       at.increment(failure)) {
    if (at->path().extension() != ".note") continue;
    // Names are numbers with leading zeroes.
    if (newest.empty() || newest.filename() < at->path().filename()) newest = at->path();
  }
  if (failure) {
    return Error(Errc::io_failure, {}, {}, directory.string() + ": " + failure.message());
  }
  if (newest.empty()) return std::optional<StoredCheckpoint>{};
  FLORIN_TRY(const Bytes bytes, read_file(newest));
  StoredCheckpoint stored;
  stored.text = std::string(text_of(bytes));
  const auto note = verify::parse_note(stored.text);
  if (!note.ok() || file_name(note->checkpoint.size) != newest.filename()) {
    return Error(Errc::ledger_corrupt, {},
                 "The checkpoint " + newest.filename().string() + " is not well formed.",
                 note.ok() ? "it has another size" : note.error().message());
  }
  if (!is_origin_of(note->checkpoint.origin, origin)) {
    return Error(Errc::ledger_mismatch, {},
                 "The checkpoint " + newest.filename().string() + " belongs to another ledger.",
                 note->checkpoint.origin);
  }
  stored.note = *note;
  return std::optional<StoredCheckpoint>(std::move(stored));
}

Result<void> store_checkpoint(const std::filesystem::path& directory, std::uint64_t size,
                              const std::string& text) {
  return write_file(directory / file_name(size), text);
}

}  // namespace florin::ledger
