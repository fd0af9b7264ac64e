#pragma once
/// Typed identifiers: a prefix that tells the kind, an underscore and the text of a Uuid.
#include <string>
#include <string_view>

#include "base/uuid.h"

namespace florin {

/// An identifier of one kind. `Tag::prefix` names the kind in the text form, so an identifier of
/// another kind can neither be passed by mistake nor parsed by mistake.
template <class Tag>
struct Id {
  Uuid value;

  auto operator<=>(const Id&) const = default;
  [[nodiscard]] std::string text() const { return std::string(Tag::prefix) + "_" + value.text(); }
  /// Error: `malformed_value`, with the expected prefix in the message.
  static Result<Id> parse(std::string_view text) {
    constexpr std::string_view prefix = Tag::prefix;
    if (text.size() > prefix.size() && text.starts_with(prefix) && text[prefix.size()] == '_') {
      if (auto uuid = Uuid::parse(text.substr(prefix.size() + 1)); uuid.ok()) return Id{*uuid};
    }
    return Error(Errc::malformed_value, {},
                 "expected an identifier that begins with " + std::string(prefix) + "_");
  }
};

struct TenantTag {
  static constexpr std::string_view prefix = "tnt";
};
struct MerchantTag {
  static constexpr std::string_view prefix = "mer";
};
struct CredentialTag {
  static constexpr std::string_view prefix = "ak";
};
struct ConnectorTag {
  static constexpr std::string_view prefix = "con";
};
struct EndpointTag {
  static constexpr std::string_view prefix = "whk";
};
struct PaymentTag {
  static constexpr std::string_view prefix = "pay";
};
struct AttemptTag {
  static constexpr std::string_view prefix = "att";
};
struct OperationTag {
  static constexpr std::string_view prefix = "op";
};
struct CaptureTag {
  static constexpr std::string_view prefix = "cap";
};
struct RefundTag {
  static constexpr std::string_view prefix = "ref";
};
struct EventTag {
  static constexpr std::string_view prefix = "msg";
};
struct EntryTag {
  static constexpr std::string_view prefix = "led";
};
struct RequestTag {
  static constexpr std::string_view prefix = "req";
};

using TenantId = Id<TenantTag>;
using MerchantId = Id<MerchantTag>;
using CredentialId = Id<CredentialTag>;
using ConnectorId = Id<ConnectorTag>;
using EndpointId = Id<EndpointTag>;
using PaymentId = Id<PaymentTag>;
using AttemptId = Id<AttemptTag>;
using OperationId = Id<OperationTag>;
using CaptureId = Id<CaptureTag>;
using RefundId = Id<RefundTag>;
using EventId = Id<EventTag>;
using EntryId = Id<EntryTag>;
using RequestId = Id<RequestTag>;

}  // namespace florin
