#include "ledger/entry_proofs.h"

#include "base/signature.h"
#include "ledger/verify/entry_proof.h"

namespace florin::ledger {

Result<SubjectProof> prove_subject(const Ledger& ledger, const Uuid& subject,
                                   BytesView public_key_der, const std::string& signed_note) {
  FLORIN_TRY(const verify::SignedNote note, verify::parse_note(signed_note));
  const std::uint64_t size = note.checkpoint.size;
  FLORIN_TRY(const std::vector<std::uint64_t> seqs,
             ledger.entries_about(subject, std::nullopt, verify::kMaxProofEntries + 1));
  if (seqs.size() > verify::kMaxProofEntries) {
    return Error(Errc::payload_too_large, {}, "There are too many entries for one proof.");
  }
  verify::ProofFile file{subject, {}, signed_note, public_key_pem(public_key_der)};
  for (const std::uint64_t seq : seqs) {
    if (seq >= size) break;
    FLORIN_TRY(std::vector<EntryView> views, ledger.entries(seq, 1));
    if (views.empty()) return Error(Errc::ledger_corrupt, {}, {}, "an entry is missing");
    FLORIN_TRY(std::vector<Hash32> path, ledger.inclusion_proof(seq, size));
    file.entries.push_back({seq, std::move(views.front().leaf), std::move(path)});
  }
  if (file.entries.empty()) return Error(Errc::not_found);
  SubjectProof out{verify::proof_file_text(file), file.entries.size(), size, note.checkpoint.root};
  FLORIN_TRY(const verify::ProofReport report, verify::verify_proof_file(out.text));
  if (!report.ok()) {
    return Error(Errc::ledger_mismatch, {}, "The ledger does not lead to its signed checkpoint.",
                 report.findings.front().text());
  }
  return out;
}

}  // namespace florin::ledger
