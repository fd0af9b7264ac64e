// Signed notes: a text that parses has exactly one spelling of its checkpoint, and no made-up
// signature verifies.
#include "base/check.h"
#include "ledger/verify/note.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = florin::text_of({data, size});
  const auto note = florin::verify::parse_note(text);
  if (!note.ok()) return 0;
  FLORIN_ASSERT(florin::verify::checkpoint_text(note->checkpoint) == note->text);
  FLORIN_ASSERT(text.starts_with(note->text));
  FLORIN_ASSERT(!florin::verify::verify_note(*note, note->signature_der).ok());
  return 0;
}
