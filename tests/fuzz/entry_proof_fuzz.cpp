// Proof files and the proofs in them: one proof has one spelling, and no made-up one is accepted.
#include "base/check.h"
#include "ledger/verify/entry_proof.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace florin::verify;  // NOLINT(google-build-using-namespace)
  const std::string_view text = florin::text_of({data, size});
  std::string checkpoint;
  if (const auto proof = parse_entry_proof(text, checkpoint); proof.ok()) {
    FLORIN_ASSERT(entry_proof_text(*proof, checkpoint) == text);
  }
  if (const auto file = parse_proof_file(text); file.ok()) {
    const auto again = parse_proof_file(proof_file_text(*file));
    FLORIN_ASSERT(again.ok() && again->entries == file->entries);
  }
  (void)verify_proof_file(text).ok();
  return 0;
}
