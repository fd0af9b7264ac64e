#pragma once
/// The contract between the engine and a PSP that tells us something unasked: bytes that anybody
/// may have sent become facts, or are refused. See README.md for the rules of every verifier.
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"
#include "daemon/domain/fact.h"
#include "daemon/domain/outcome.h"
#include "daemon/http/message.h"

namespace florin::connectors {

/// A notice as it came; nothing of it is believed yet. Views must outlive the call.
struct RawNotice {
  const http::Headers& headers;
  std::string_view body;  ///< exactly the bytes received: signatures are over these
};

/// What a notice is judged by. `secrets`: the signing secret in force, and the one before it while
/// it is being changed; any of them may have signed. They must outlive the call.
struct NoticeAccess {
  std::span<const Secret> secrets;
  UnixNanos now = 0;
};

inline constexpr std::size_t kMaxFactKey = 128;
inline constexpr std::size_t kMaxNoticeType = 64;
inline constexpr std::size_t kMaxNoticeFacts = 16;

/// One thing that the PSP says has happened. At least one of `reference` and `psp_reference` is
/// set; who the fact belongs to is found by `reference` first.
struct NoticeFact {
  /// Names the fact at this PSP account for ever: the same key means the same fact. 1 to
  /// `kMaxFactKey` visible ASCII characters.
  std::string key;
  /// The PSP's own word for it, for people; at most `kMaxNoticeType` printable ASCII characters.
  std::string type;
  UnixNanos happened_at = 0;  ///< as the PSP says; 0 when it does not
  std::string reference;      ///< text of our operation id as the PSP repeats it; may be empty
  /// The PSP's name of the authorization (what `OperationRequest::psp_reference` holds later); may
  /// be empty. With `kind` it finds the operation when the PSP does not repeat our reference.
  std::string psp_reference;
  std::optional<domain::OperationKind> kind;
  /// As `Codec::decode` gives it; never `unsent`. `unknown` when the PSP says something about the
  /// operation that proves no outcome: such a fact is kept and makes the engine inquire.
  domain::Outcome outcome;
  /// What the PSP says of an operation that has ended: a dispute, a capture taken back, a refund
  /// come back. Beside an outcome other than `unknown` it counts only when the operation had ended
  /// as a success; else the outcome does.
  std::optional<domain::LateNotice> late;
};

/// A notice that the PSP has made. No facts: authentic, and about nothing that we keep.
struct Notice {
  std::vector<NoticeFact> facts;  ///< at most `kMaxNoticeFacts`, each judged alone
};

/// One PSP's dialect of notices. Stateless, thread-safe, without I/O.
class NoticeVerifier {
 public:
  virtual ~NoticeVerifier() = default;
  /// Checks signature and time over the raw body first, and only then reads it. Secrets are
  /// compared in constant time. Errors: `header_invalid` (no signature, or of another shape),
  /// `timestamp_skew`, `signature_invalid`; and, signed but unreadable, `malformed_json`,
  /// `malformed_value` or another code of class `invalid`.
  [[nodiscard]] virtual Result<Notice> verify(const RawNotice& notice,
                                              const NoticeAccess& access) const = 0;
  /// Whether a text can be this PSP's signing secret. Error: `malformed_value`.
  [[nodiscard]] virtual Result<void> check_secret(BytesView secret) const = 0;
};

/// The verifier of a connector kind, or null when that PSP sends no notices. Lives as long as the
/// program.
const NoticeVerifier* find_notice_verifier(std::string_view kind);

}  // namespace florin::connectors
