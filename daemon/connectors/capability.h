#pragma once
/// What a PSP can do, as data: read by the engine's resolver, by policies and by operators.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "daemon/domain/authorization_time.h"
#include "daemon/domain/outcome.h"

namespace florin::connectors {

/// Ways from `unknown` to a fact.
enum class UnknownResolution : std::uint8_t {
  replay_same_key = 1,  ///< send the same request again under the same key
  inquire = 2,          ///< ask by our key
  reverse = 3,          ///< cancel our key there, so that it can never be executed later
  await_notice = 4,     ///< wait for the PSP's notice or settlement line
  manual = 5,           ///< two people
};
std::string_view unknown_resolution_name(UnknownResolution resolution) noexcept;

/// How a PSP writes amounts.
enum class AmountForm : std::uint8_t {
  minor_integer = 1,  ///< whole numbers of the PSP's own minor unit
  major_decimal = 2,  ///< decimal text in major units
};
std::string_view amount_form_name(AmountForm form) noexcept;

/// What a PSP's notice proves.
enum class NoticeTrust : std::uint8_t {
  none = 0,           ///< it sends none
  hint_only = 1,      ///< a reason to inquire, never a fact
  authoritative = 2,  ///< signed over the whole body: a fact about the operation that it names
};
std::string_view notice_trust_name(NoticeTrust trust) noexcept;

struct OperationCapability {
  domain::OperationKind kind = domain::OperationKind::authorize;
  bool supported = false;
  bool idempotent = false;                ///< the same key never executes twice
  std::int64_t key_lifetime_s = 0;        ///< how long the PSP remembers a key
  std::int64_t consistency_window_s = 0;  ///< how long an inquiry may miss what was executed
  std::vector<UnknownResolution> unknown_resolution;  ///< in the order to try
};

struct CapabilitySheet {
  std::string kind;         ///< of connector
  std::string api_version;  ///< which version of the PSP's interface the codec speaks
  std::vector<OperationCapability> operations;
  AmountForm amount_form = AmountForm::minor_integer;
  std::string key_field;     ///< where the idempotency key goes, e.g. "header Idempotency-Key"
  std::string key_conflict;  ///< what the same key with another body is answered with
  std::vector<std::string> references;  ///< what is stored to find the payment there again
  NoticeTrust notices = NoticeTrust::none;
  bool partial_capture = false;
  bool multiple_capture = false;
  bool partial_refund = false;
  bool multiple_refund = false;
  bool void_after_partial_capture = false;
  bool can_cancel_key = false;
  domain::AuthorizationTime authorization;  ///< unless the account's own is known

  /// The capability, unsupported when the sheet does not name the operation.
  [[nodiscard]] const OperationCapability& of(domain::OperationKind operation) const;
};

json::value to_json(const CapabilitySheet& sheet);

}  // namespace florin::connectors
