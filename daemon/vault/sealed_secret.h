#pragma once
/// Small secrets at rest (credential secrets, PSP credentials, webhook secrets) under a subkey of a
/// tenant. Pure but for the nonce's entropy.
#include <string>
#include <string_view>

#include "base/entropy.h"
#include "base/tenant_keys.h"

namespace florin::vault {

/// Where a secret lives: "tenant|table|row|column". A bar or backslash inside a part is escaped, so
/// that two places never share a text.
std::string secret_place(std::string_view tenant, std::string_view table, std::string_view row,
                         std::string_view column);

/// The record 0x01 | key id 8 | nonce 12 | ciphertext and tag 16, AES-256-GCM under the subkey
/// `label` ("cred", "whsec") of the active version, with format, key id and place as AAD. The key
/// id is that version (u32) and four bytes that tell keys apart. At most 64 KiB of plaintext.
/// Errors: `value_too_long`, those of TenantKeys::derive_in.
Result<Bytes> seal_secret(const TenantKeys& keys, std::string_view label, std::string_view place,
                          BytesView plaintext, Entropy& entropy);
/// Error: `decryption_failed` when keys, label, place and record do not belong together; those of
/// TenantKeys::derive_in.
Result<Secret> open_secret(const TenantKeys& keys, std::string_view label, std::string_view place,
                           BytesView record);

/// The version of the tenant's root that a record was sealed under. Error: `decryption_failed` when
/// it is not such a record.
Result<std::uint32_t> sealed_version(BytesView record);

}  // namespace florin::vault
