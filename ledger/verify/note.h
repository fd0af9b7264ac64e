#pragma once
/// Checkpoints: C2SP signed notes (c2sp.org/signed-note, c2sp.org/tlog-checkpoint) with one ECDSA
/// P-256 signature, as ledger/FORMAT.md, "Checkpoint". Strict: one text has one spelling.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace florin::verify {

inline constexpr std::size_t kMaxNoteFileBytes = 4096;

struct Checkpoint {
  std::string origin;  ///< also the name of the signing key
  std::uint64_t size = 0;
  Hash32 root{};
  bool operator==(const Checkpoint&) const = default;
};

struct SignedNote {
  Checkpoint checkpoint;
  std::string text;  ///< what is signed: three lines
  ByteArray<4> key_hash{};
  Bytes signature_der;
};

/// First four bytes of SHA-256 of the DER SubjectPublicKeyInfo.
ByteArray<4> note_key_hash(BytesView public_key_der);
/// The three lines that are signed.
std::string checkpoint_text(const Checkpoint& checkpoint);
/// The whole note: text, empty line, signature line.
std::string format_note(const Checkpoint& checkpoint, BytesView public_key_der,
                        BytesView signature_der);
/// Form only; error `malformed_value` tells the line.
Result<SignedNote> parse_note(std::string_view text);
/// Key hash and signature. Error: `signature_invalid`.
Result<void> verify_note(const SignedNote& note, BytesView public_key_der);

}  // namespace florin::verify
