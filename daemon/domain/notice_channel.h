#pragma once
/// What a connector's notices are verified with. One for each connector, under its identifier.
#include "base/clock.h"
#include "base/ids.h"
#include "daemon/domain/records.h"

namespace florin::domain {

struct NoticeChannel {
  ConnectorId id;  ///< of the connector
  std::uint64_t version = 0;
  UnixNanos changed_at = 0;
  /// The secret in force and the one before it, together, sealed under the tenant's `cred` key; at
  /// most 320 bytes.
  Bytes sealed_secret;
};

Stored encode(const NoticeChannel& channel);
/// Error: `ledger_record_invalid`.
Result<NoticeChannel> decode_notice_channel(const Uuid& id, std::uint64_t version,
                                            BytesView immutable, BytesView head);

}  // namespace florin::domain
