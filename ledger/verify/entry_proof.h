#pragma once
/// Proofs of single entries that anybody can check offline: a text per entry after
/// c2sp.org/tlog-proof, whose extra data is the leaf, and a file of all proofs about one subject.
/// Strict: one proof has one spelling.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/uuid.h"
#include "ledger/verify/leaf.h"
#include "ledger/verify/note.h"
#include "ledger/verify/report.h"

namespace florin::verify {

inline constexpr std::size_t kMaxProofFileBytes = std::size_t{4} << 20U;
inline constexpr std::size_t kMaxProofEntries = 512;

struct EntryProof {
  std::uint64_t seq = 0;
  Bytes leaf;
  std::vector<Hash32> path;  ///< RFC 9162 §2.1.3.1
  bool operator==(const EntryProof&) const = default;
};

struct ProofFile {
  Uuid subject;                     ///< what the entries are about, e.g. a payment
  std::vector<EntryProof> entries;  ///< in order of seq
  std::string checkpoint;           ///< the signed note that all of them lead to
  std::string public_key_pem;
};

/// The text of one proof. `checkpoint` is a whole note.
std::string entry_proof_text(const EntryProof& proof, std::string_view checkpoint);
/// Errors: `malformed_value` with the line. The checkpoint is what stands behind the empty line.
Result<EntryProof> parse_entry_proof(std::string_view text, std::string& checkpoint);

/// JSON; see docs/operator/auditor.md.
std::string proof_file_text(const ProofFile& file);
/// Form only. Errors: `malformed_json`, `malformed_value`, `payload_too_large`, ….
Result<ProofFile> parse_proof_file(std::string_view text);

struct ProofOptions {
  /// PEM of the key that must have signed, from a place that is trusted more than the file.
  std::optional<std::string> public_key_pem{};
  /// A checkpoint from a trusted place; the proof must be of this very state.
  std::optional<std::string> checkpoint{};
};

struct ProofReport {
  std::vector<Finding> findings;
  bool key_trusted = false;  ///< the key was brought along
  std::string key_sha256;
  std::string origin;
  std::uint64_t size = 0;
  std::string root;  ///< hexadecimal
  Uuid subject;
  std::vector<Leaf> entries;  ///< those that were proven
  [[nodiscard]] bool ok() const noexcept { return findings.empty(); }
};

/// What is wrong with the file is in the report. Error: `malformed_value` for an unusable option.
Result<ProofReport> verify_proof_file(std::string_view text, const ProofOptions& options = {});

}  // namespace florin::verify
