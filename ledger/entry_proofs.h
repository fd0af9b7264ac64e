#pragma once
/// Makes the file with which somebody outside proves what the ledger says about one subject.
#include <string>

#include "base/bytes.h"
#include "ledger/ledger.h"

namespace florin::ledger {

struct SubjectProof {
  std::string text;  ///< the file, see verify::parse_proof_file
  std::uint64_t entries = 0;
  std::uint64_t size = 0;  ///< of the signed tree
  Hash32 root{};
};

/// All entries about `subject` that `signed_note` covers. Verified with the verifier before it is
/// given. Errors: `not_found` (no such entry), `payload_too_large` (more than 512 entries), those
/// of the ledger.
Result<SubjectProof> prove_subject(const Ledger& ledger, const Uuid& subject,
                                   BytesView public_key_der, const std::string& signed_note);

}  // namespace florin::ledger
