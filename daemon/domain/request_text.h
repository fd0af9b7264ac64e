#pragma once
/// What people read and what they sign. Both sides make these texts, so that nobody signs what
/// another one shows.
#include "daemon/domain/request.h"

namespace florin::domain {

/// One line per fact, the first one names the form; the same request has one text for ever.
std::string canonical_text(const RequestTerms& terms);
/// SHA-256 of the canonical text.
Hash32 request_digest(std::string_view canonical_text);

/// Acts that are signed. Each text begins with a line of its own.
enum class RequestAct : std::uint8_t { request, approve, reject, cancel, execute };
std::string_view request_act_name(RequestAct act) noexcept;

/// `reason` belongs to rejections. `request` is the identifier as text.
std::string signed_text(RequestAct act, std::string_view request, const Hash32& digest,
                        std::string_view person, const Ed25519PublicKey& key,
                        std::string_view reason = {});

/// Printable ASCII as it is; other bytes and the backslash as \xNN, so that a text is one line and
/// two texts never look the same.
std::string line_text(std::string_view text);

}  // namespace florin::domain
