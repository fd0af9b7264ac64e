#pragma once
/// Writes the leaf of an entry (FORMAT.md, "Leaf"). Reading is ledger/verify's: what we write is
/// read back by code that was made from the document alone.
#include "ledger/verify/leaf.h"

namespace florin::ledger {

/// Error: `ledger_limit` above 20 postings, 255 TLVs or 1900 bytes.
Result<Bytes> write_leaf(const verify::Leaf& leaf);

}  // namespace florin::ledger
