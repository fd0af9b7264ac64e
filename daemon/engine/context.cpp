#include "daemon/engine/context.h"

#include <algorithm>

#include "base/hash.h"

namespace florin::engine {
namespace {

// Every part is preceded by its length, so no two lists of parts have the same bytes.
Bytes joined(std::string_view purpose, std::initializer_list<std::string_view> parts) {
  ByteWriter out;
  out.sized_text(purpose);
  for (const std::string_view part : parts) out.sized_text(part);
  return std::move(out).take();
}

}  // namespace

Result<ContextPtr> Context::make(ledger::TenantLedger ledger) {
  FLORIN_TRY(Secret keyed, ledger.keys->index_key("engine-digests/1"));
  FLORIN_TRY(Secret psp, ledger.keys->index_key("psp-keys/1"));
  return ContextPtr(new Context(std::move(ledger), std::move(keyed), std::move(psp)));
}

bool Context::recovering() const {
  const auto state = books().books_state();
  return !state.ok() || state->recovering;
}

Key16 Context::digest(std::string_view purpose,
                      std::initializer_list<std::string_view> parts) const {
  const std::uint8_t mode = static_cast<std::uint8_t>(ledger_.mode);
  const Hash32 whole = hmac_sha256(keyed_.view(), {BytesView(&mode, 1), joined(purpose, parts)});
  Key16 out{};
  std::copy_n(whole.begin(), out.size(), out.begin());
  return out;
}

Key16 Context::idempotency_key(const MerchantId& merchant, std::string_view key) const {
  return digest("idempotency", {text_of(merchant.value.view()), key});
}

Key16 Context::fingerprint(std::string_view method, std::string_view path, std::string_view query,
                           std::string_view canonical_body) const {
  return digest("fingerprint", {method, path, query, canonical_body});
}

Key16 Context::nonce_key(std::string_view key_id, std::string_view nonce) const {
  return digest("nonce", {key_id, nonce});
}

Key16 Context::psp_fact_key(const ConnectorId& connector, std::string_view fact) const {
  return digest("psp fact", {text_of(connector.value.view()), fact});
}

Key16 Context::psp_dispute_key(const ConnectorId& connector, std::string_view name) const {
  return digest("psp dispute", {text_of(connector.value.view()), name});
}

Key16 Context::subject_reference(const MerchantId& merchant, std::string_view reference,
                                 std::uint32_t erasures) const {
  return digest("subject", {text_of(merchant.value.view()), reference, std::to_string(erasures)});
}

Key16 Context::payment_reference(const MerchantId& merchant, std::string_view reference) const {
  return digest("payment reference", {text_of(merchant.value.view()), reference});
}

Key16 Context::fact_key(const ConnectorId& connector, std::string_view key) const {
  return digest("inbound-fact", {connector.text(), key});
}

std::string Context::psp_key(const Key16& idempotency_key, std::uint16_t attempt,
                             std::string_view operation) const {
  const std::uint8_t mode = static_cast<std::uint8_t>(ledger_.mode);
  const Bytes parts = joined("psp", {text_of(idempotency_key), std::to_string(attempt), operation});
  return to_hex(hmac_sha256(psp_.view(), {BytesView(&mode, 1), parts}));
}

}  // namespace florin::engine
