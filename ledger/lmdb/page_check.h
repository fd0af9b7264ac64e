#pragma once
/// LMDB trusts its file: a damaged page sends it out of its bounds. So the file is read once, page
/// by page, before LMDB maps it. Private to the room.
#include <filesystem>

#include "base/result.h"

namespace florin::lmdb {

/// Walks every tree of the last commit of a data file (format of LMDB 0.9, 64 bit, little-endian):
/// bounds, page numbers, order of keys, counts, and that no page is used twice or free and used. A
/// missing or empty file is good. Errors: `ledger_corrupt` with what is wrong, `io_failure`.
Result<void> check_pages(const std::filesystem::path& data_file);

}  // namespace florin::lmdb
