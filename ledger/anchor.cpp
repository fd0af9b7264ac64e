#include "ledger/anchor.h"

#include "ledger/ledger.h"
#include "ledger/verify/note.h"

namespace florin::ledger {

Result<std::optional<Anchor>> signed_head(const Ledger& ledger) {
  FLORIN_TRY(const auto text, ledger.last_checkpoint());
  if (!text.has_value()) return std::optional<Anchor>{};
  FLORIN_TRY(const auto note, verify::parse_note(*text));
  return std::optional<Anchor>(Anchor{note.checkpoint.size, note.checkpoint.root});
}

}  // namespace florin::ledger
