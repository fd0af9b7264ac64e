#pragma once
/// The standing objects of a tenant: what control writes and engine, api and delivery read. A
/// record is an immutable part, written once, and a mutable head of at most 512 bytes; both have
/// one binary form.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "daemon/domain/authorization_time.h"

namespace florin::domain {

struct Tenant {
  TenantId id;
  std::string name;     ///< [a-z][a-z0-9-]{1,30}, unique in the appliance
  std::string display;  ///< for people
  UnixNanos created_at = 0;
  bool active = true;  ///< false: its keys were destroyed
};

/// What becomes of a success that is learned after the merchant cancelled.
enum class LateSuccess : std::uint8_t { reverse = 1, accept = 2 };
std::string_view late_success_name(LateSuccess rule) noexcept;
/// Error: `malformed_value`.
Result<LateSuccess> parse_late_success(std::string_view name);

/// A merchant, or one of his branches (a sub-merchant): those are one level deep, and have
/// neither credentials nor endpoints of their own.
struct Merchant {
  MerchantId id;
  std::string name;  ///< [a-z][a-z0-9-]{1,30}, unique in the ledger
  std::string display;
  UnixNanos created_at = 0;
  bool active = true;
  LateSuccess late_success =
      LateSuccess::reverse;  ///< of a branch always so: its merchant's counts
  MerchantId parent{};       ///< nil: not a branch
  /// A `merchant_reference` names one payment for ever; a second payment with it is refused. Of a
  /// branch always false: its merchant's counts.
  bool unique_references = false;

  [[nodiscard]] bool is_branch() const noexcept { return !parent.value.is_nil(); }
};

inline constexpr std::size_t kMaxBranches = 500;  ///< of one merchant

/// A merchant's proof of who sends: a key for signed requests, a client certificate, or both.
struct Credential {
  CredentialId id;
  MerchantId merchant;
  std::string label;
  UnixNanos created_at = 0;
  bool active = true;
  /// 48-byte secret sealed under the tenant's `cred` key; at most 160 bytes. Empty: the certificate
  /// alone is the proof.
  Bytes sealed_secret;
  std::string certificate;  ///< SHA-256 of the client certificate in hexadecimal; empty = none
  std::string identity;     ///< for people: the certificate's URI or DNS name

  [[nodiscard]] bool by_certificate_alone() const noexcept {
    return sealed_secret.empty() && !certificate.empty();
  }
};

/// An account at an acquirer or PSP.
struct Connector {
  ConnectorId id;
  std::string name;      ///< [a-z][a-z0-9-]{1,30}, unique in the ledger
  std::string kind;      ///< which codec, e.g. "sandbox"
  std::string base_url;  ///< https
  UnixNanos created_at = 0;
  bool active = true;
  Bytes sealed_secret;  ///< API key sealed under the tenant's `cred` key; at most 320 bytes
  /// Of this account; nothing: as the sheet of its kind says.
  std::optional<AuthorizationTime> authorization{};
};

/// Where a merchant receives events.
struct Endpoint {
  EndpointId id;
  MerchantId merchant;
  std::string url;  ///< https
  UnixNanos created_at = 0;
  bool active = true;
  Bytes sealed_secret;  ///< 48-byte secret sealed under the tenant's `whsec` key; at most 160 bytes
};

/// The two stored parts of a record.
struct Stored {
  Bytes immutable;
  Bytes head;
};

Stored encode(const Tenant& record);
Stored encode(const Merchant& record);
Stored encode(const Credential& record);
Stored encode(const Connector& record);
Stored encode(const Endpoint& record);

/// Errors: `ledger_record_invalid`.
Result<Tenant> decode_tenant(const Uuid& id, BytesView immutable, BytesView head);
Result<Merchant> decode_merchant(const Uuid& id, BytesView immutable, BytesView head);
Result<Credential> decode_credential(const Uuid& id, BytesView immutable, BytesView head);
Result<Connector> decode_connector(const Uuid& id, BytesView immutable, BytesView head);
Result<Endpoint> decode_endpoint(const Uuid& id, BytesView immutable, BytesView head);

/// [a-z][a-z0-9-]{1,30}. Error: `malformed_value`.
Result<void> check_name(std::string_view name);

}  // namespace florin::domain
