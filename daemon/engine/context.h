#pragma once
/// One tenant's books in one mode as the engine uses them, with the keyed digests that hide
/// references and keys from whoever reads the files.
#include <memory>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "ledger/tenant_ledger.h"

namespace florin::engine {

/// Immutable after `make`; shared by all requests of the tenant. Thread-safe.
class Context {
 public:
  /// Errors: those of TenantKeys::index_key.
  static Result<std::shared_ptr<const Context>> make(ledger::TenantLedger ledger);

  [[nodiscard]] ledger::Ledger& books() const noexcept { return *ledger_.books; }
  [[nodiscard]] const ledger::TenantLedger& ledger() const noexcept { return ledger_; }
  /// Restored and not opened again: nothing is dispatched, and at a PSP nothing is changed. True
  /// also when it cannot be read.
  [[nodiscard]] bool recovering() const;
  [[nodiscard]] TenantId tenant() const noexcept { return ledger_.tenant; }
  [[nodiscard]] std::string_view mode() const noexcept { return ledger::mode_name(ledger_.mode); }

  /// Row key of a merchant's Idempotency-Key.
  [[nodiscard]] Key16 idempotency_key(const MerchantId& merchant, std::string_view key) const;
  /// What makes two requests the same: method, path, canonical query and canonical body.
  [[nodiscard]] Key16 fingerprint(std::string_view method, std::string_view path,
                                  std::string_view query, std::string_view canonical_body) const;
  /// Row key of a request's nonce.
  [[nodiscard]] Key16 nonce_key(std::string_view key_id, std::string_view nonce) const;
  /// Row key of a merchant's reference for a customer. Who was erased `erasures` times and comes
  /// back is found under another key.
  [[nodiscard]] Key16 subject_reference(const MerchantId& merchant, std::string_view reference,
                                        std::uint32_t erasures) const;
  /// Row key of a merchant's reference for a payment, when those are unique.
  [[nodiscard]] Key16 payment_reference(const MerchantId& merchant,
                                        std::string_view reference) const;
  /// Row key of what a PSP said under a name of its own.
  [[nodiscard]] Key16 fact_key(const ConnectorId& connector, std::string_view key) const;
  /// The idempotency key at the PSP: a function of the merchant's key, so that a restored or
  /// rebuilt system asks under the same key and cannot charge anew (D10). 64 hexadecimal digits.
  [[nodiscard]] std::string psp_key(const Key16& idempotency_key, std::uint16_t attempt,
                                    std::string_view operation) const;

  /// Row keys of what an acquirer tells: one fact, and one dispute by its name there.
  [[nodiscard]] Key16 psp_fact_key(const ConnectorId& connector, std::string_view fact) const;
  [[nodiscard]] Key16 psp_dispute_key(const ConnectorId& connector, std::string_view name) const;

 private:
  Context(ledger::TenantLedger ledger, Secret keyed, Secret psp)
      : ledger_(std::move(ledger)), keyed_(std::move(keyed)), psp_(std::move(psp)) {}
  [[nodiscard]] Key16 digest(std::string_view purpose,
                             std::initializer_list<std::string_view> parts) const;

  ledger::TenantLedger ledger_;
  Secret keyed_;
  Secret psp_;
};

using ContextPtr = std::shared_ptr<const Context>;

}  // namespace florin::engine
