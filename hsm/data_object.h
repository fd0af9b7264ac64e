#pragma once
/// Private to this room: a small value on the token under a label, replaced so that a crash at any
/// moment leaves the old one or the new one.
#include <optional>
#include <string>

#include "hsm/session.h"

namespace florin::hsm {

inline constexpr std::size_t kLongestDataValue = 1024;

/// The newest private data object with the label; nothing when there is none. Error:
/// `hsm_key_unfit` when one was not written by write_data.
Result<std::optional<Bytes>> read_data(Session& session, std::string_view label);
/// Creates the new object first, then destroys the old one. Two are there only after a crash; each
/// carries a counter, and the greater one counts.
Result<void> write_data(Session& session, std::string_view label, BytesView value);

}  // namespace florin::hsm
