#pragma once
/// Values that several stored objects have, in their one binary form. For the codec alone.
#include <string>

#include "base/bytes.h"
#include "daemon/domain/fact.h"
#include "daemon/domain/operation.h"

namespace florin::domain::stored {

inline constexpr std::uint8_t kFormat = 1;
// Of heads: 1 had no review and no decisions. Both are read; what is written is always the newer.
inline constexpr std::uint8_t kHeadFormat = 2;
inline constexpr std::size_t kTextLimit = 1024;
inline constexpr std::size_t kMetadataLimit = 4UL * 1024;

Error invalid(std::string_view what);

void write_money(ByteWriter& out, const Money& money);
Money read_money(ByteReader& in);
Currency read_currency(ByteReader& in);
void write_decline(ByteWriter& out, const std::optional<Decline>& decline);
std::optional<Decline> read_decline(ByteReader& in);
void write_said(ByteWriter& out, const std::optional<Said>& said);
std::optional<Said> read_said(ByteReader& in);
void write_decided(ByteWriter& out, const std::optional<Decided>& decided);
std::optional<Decided> read_decided(ByteReader& in);
void write_dispute_notice(ByteWriter& out, const std::optional<DisputeNotice>& notice);
std::optional<DisputeNotice> read_dispute_notice(ByteReader& in);
bool read_flag(ByteReader& in);

/// Fails the reader unless the format is the only one.
void begin(ByteReader& in);
/// The format of a head that has members of its own in the newer one.
std::uint8_t begin_head(ByteReader& in);
/// A live operation's state; the older format had a flag: 1 = unknown.
OperationState read_live_state(ByteReader& in, std::uint8_t format);

template <class E>
E read_enum(ByteReader& in, E last) {
  const std::uint8_t value = in.u8();
  if (value == 0 || value > static_cast<std::uint8_t>(last)) in.fail();
  return static_cast<E>(value);
}

}  // namespace florin::domain::stored
