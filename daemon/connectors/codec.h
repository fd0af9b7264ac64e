#pragma once
/// The contract between the engine and a REST PSP: an operation becomes an HTTP request, an answer
/// becomes a fact. See README.md for the rules that every codec keeps.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/money.h"
#include "base/secret.h"
#include "daemon/connectors/capability.h"
#include "daemon/connectors/declines.h"
#include "daemon/domain/outcome.h"
#include "daemon/http/message.h"

namespace florin::connectors {

/// One outbound call, complete: encoding it twice gives the same bytes.
struct OperationRequest {
  domain::OperationKind kind = domain::OperationKind::authorize;
  std::string psp_key;             ///< the idempotency key at the PSP, 32..64 hex digits
  std::string reference;           ///< text of our operation id
  Money amount;                    ///< for a void: what is released
  std::string payment_token;       ///< for authorize and sale
  std::string psp_reference;       ///< of the authorization; empty for authorize and sale
  std::string merchant_reference;  ///< may be empty
  bool final_capture = false;
  std::int64_t capturable = 0;  ///< for a capture: what could be captured before it, minor units
  /// True when a request under the same key may have reached the PSP before. Changes no byte of the
  /// request; a refusal that the PSP gives before it looks at the key then proves nothing.
  bool replay = false;
};

/// What opens the PSP's door. The secret must outlive the call.
struct Access {
  const Secret* api_key = nullptr;
};

/// What a PSP says about an operation that we asked about.
struct Inquiry {
  enum class Finding : std::uint8_t {
    found,      ///< `outcome` is a fact
    not_found,  ///< the PSP does not know our key (yet); not a fact
    unusable,   ///< no documented answer
  };
  Finding finding = Finding::unusable;
  domain::Outcome outcome;
};

/// What a harmless authenticated call said about a connector.
enum class CheckFinding : std::uint8_t {
  ok = 1,
  credentials_refused = 2,  ///< the PSP does not know the key
  permission_missing = 3,   ///< it knows the key, which may not do what is needed
  busy = 4,                 ///< it takes no more requests, or is out of order
  unexpected = 5,           ///< no documented answer: probably not this PSP
};
std::string_view check_finding_name(CheckFinding finding) noexcept;

/// One PSP's dialect. Stateless, thread-safe, without I/O.
class Codec {
 public:
  virtual ~Codec() = default;
  [[nodiscard]] virtual const CapabilitySheet& sheet() const = 0;
  /// The PSP's codes of declines and refusals with ours; ours are rows of the decline catalogue.
  [[nodiscard]] virtual std::span<const DeclineMapping> declines() const = 0;

  /// Whether the PSP can be asked this at all, judged before a byte leaves: nothing is sent that
  /// cannot mean the same there. Gives the catalogue's code of what is in the way, empty = nothing.
  [[nodiscard]] virtual std::string_view objection(const OperationRequest& /*operation*/) const {
    return {};
  }

  /// The request to send. `access.api_key` must be set and usable (`check_api_key`).
  [[nodiscard]] virtual http::Request encode(const OperationRequest& operation,
                                             const Access& access) const = 0;
  /// Takes any answer; what is not documented is `unknown`.
  [[nodiscard]] virtual domain::Outcome decode(const OperationRequest& operation,
                                               const http::Response& response) const = 0;

  /// Asks what became of an operation.
  [[nodiscard]] virtual http::Request encode_inquiry(const OperationRequest& operation,
                                                     const Access& access) const = 0;
  [[nodiscard]] virtual Inquiry decode_inquiry(const OperationRequest& operation,
                                               const http::Response& response) const = 0;

  /// Asks the PSP never to execute anything under our key from now on. Only where the sheet says
  /// `can_cancel_key`.
  [[nodiscard]] virtual http::Request encode_cancel_key(const OperationRequest& operation,
                                                        const Access& access) const;
  /// `found` with `not_executed` when the key is cancelled now, `found` with the answer of the
  /// operation when it had been executed before, otherwise `unusable`.
  [[nodiscard]] virtual Inquiry decode_cancel_key(const OperationRequest& operation,
                                                  const http::Response& response) const;

  /// A read that moves nothing and that only a holder of the key may make.
  [[nodiscard]] virtual http::Request encode_check(const Access& access) const = 0;
  [[nodiscard]] virtual CheckFinding decode_check(const http::Response& response) const = 0;
};

/// Every codec, ordered by kind. They live as long as the program.
std::span<const Codec* const> codecs();
/// The codec of a connector kind ("sandbox"), or null.
const Codec* find_codec(std::string_view kind);

/// An API key goes into a header field: 8..256 visible ASCII characters. Error: `malformed_value`.
Result<void> check_api_key(BytesView api_key);

}  // namespace florin::connectors
