#pragma once
/// The file from which an interrupted verification goes on: how far it came and everything that the
/// books need from there. It says nothing about the package but "so far, so good", and only of the
/// very bytes that SHA256SUMS names; whoever can write it can claim that, so it belongs where only
/// the auditor writes.
#include <cstdint>
#include <filesystem>
#include <optional>

#include "base/bytes.h"
#include "ledger/verify/earlier_entries.h"
#include "ledger/verify/package_files.h"
#include "ledger/verify/position.h"

namespace florin::verify {

/// How far the files of the package were read.
struct ReadingPlaces {
  LineReader::Place entries;
  LineReader::Place accounts;
  LineReader::Place postings;
  EarlierEntries::Progress earlier;
  std::uint64_t entries_done = 0;
  std::uint64_t postings_done = 0;
  std::optional<bool> evaluation;  ///< of the genesis entry, when it was read
};

struct ResumeState {
  ReadingPlaces places;
  Position position;
};

/// `package` is SHA-256 of SHA256SUMS.
Bytes encode_resume_state(const Hash32& package, const ReadingPlaces& places,
                          const Position& position);
/// Errors: `malformed_value` for what encode did not write so, `ledger_mismatch` for the state of
/// another package.
Result<ResumeState> decode_resume_state(BytesView bytes, const Hash32& package);

/// Replaces the file as a whole. Error: `io_failure`.
Result<void> write_resume_state(const std::filesystem::path& path, BytesView bytes);
/// Nothing when there is no file. Errors as of decode, and `io_failure`.
Result<std::optional<ResumeState>> read_resume_state(const std::filesystem::path& path,
                                                     const Hash32& package);

}  // namespace florin::verify
