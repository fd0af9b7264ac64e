#include <fmt/format.h>

#include "base/hash.h"
#include "base/signature.h"
#include "ledger/verify/entry_proof.h"
#include "ledger/verify/merkle.h"

namespace florin::verify {
namespace {

class ProofCheck {
 public:
  ProofCheck(const ProofFile& file, const ProofOptions& options) : file_(file), options_(options) {}

  Result<ProofReport> run() {
    report_.subject = file_.subject;
    FLORIN_TRY(const bool note_read, check_note());
    if (!note_read) return std::move(report_);
    for (const EntryProof& entry : file_.entries) check_entry(entry);
    return std::move(report_);
  }

 private:
  void find(std::string file, std::string problem,
            std::optional<std::uint64_t> entry = std::nullopt) {
    report_.findings.push_back(
        {.file = std::move(file), .entry = entry, .problem = std::move(problem)});
  }

  // True when there is a root to prove against.
  Result<bool> check_note() {
    auto note = parse_note(file_.checkpoint);
    if (!note.ok()) {
      find("checkpoint", note.error().message());
      return false;
    }
    note_ = std::move(note).value();
    report_.origin = note_.checkpoint.origin;
    report_.size = note_.checkpoint.size;
    report_.root = to_hex(note_.checkpoint.root);
    report_.key_trusted = options_.public_key_pem.has_value();
    const auto key =
        public_key_from_pem(report_.key_trusted ? *options_.public_key_pem : file_.public_key_pem);
    if (!key.ok() && report_.key_trusted) {
      return Error(Errc::malformed_value, {}, "the key given is not a public key in PEM");
    }
    if (!key.ok()) {
      find("public_key", "is not a public key in PEM");
      return true;
    }
    report_.key_sha256 = to_hex(sha256(*key));
    if (const auto verified = verify_note(note_, *key); !verified.ok()) {
      find("checkpoint", verified.error().message());
    }
    FLORIN_TRY_VOID(compare_with_kept(*key));
    return true;
  }

  Result<void> compare_with_kept(BytesView key) {
    if (!options_.checkpoint) return {};
    const auto kept = parse_note(*options_.checkpoint);
    if (!kept.ok()) {
      return Error(Errc::malformed_value, {}, "the checkpoint given: " + kept.error().message());
    }
    if (!verify_note(*kept, key).ok()) {
      find("checkpoint", "the checkpoint given is not signed with this key");
    } else if (kept->checkpoint != note_.checkpoint) {
      find("checkpoint", fmt::format("is not the state of the checkpoint given (size {}, here {})",
                                     kept->checkpoint.size, note_.checkpoint.size));
    }
    return {};
  }

  void check_entry(const EntryProof& entry) {
    const auto leaf = decode_leaf(entry.leaf);
    if (!leaf.ok()) return find("proofs", leaf.error().message(), entry.seq);
    if (leaf->seq != entry.seq) return find("proofs", "the entry has another number", entry.seq);
    if (leaf->subject != file_.subject) {
      return find("proofs", "the entry is about something else", entry.seq);
    }
    const auto proven = verify_inclusion(entry.seq, note_.checkpoint.size, leaf_hash(entry.leaf),
                                         entry.path, note_.checkpoint.root);
    if (!proven.ok()) return find("proofs", proven.error().message(), entry.seq);
    report_.entries.push_back(*leaf);
  }

  const ProofFile& file_;
  const ProofOptions& options_;
  SignedNote note_;
  ProofReport report_;
};

}  // namespace

Result<ProofReport> verify_proof_file(std::string_view text, const ProofOptions& options) {
  const auto file = parse_proof_file(text);
  if (!file.ok()) {
    ProofReport report;
    report.findings.push_back(
        {.file = "proof" + file.error().field(), .problem = file.error().message()});
    return report;
  }
  return ProofCheck(*file, options).run();
}

}  // namespace florin::verify
