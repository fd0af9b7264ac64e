#include "daemon/domain/notice_channel.h"

namespace florin::domain {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kMaxSealed = 320;

}  // namespace

Stored encode(const NoticeChannel& channel) {
  ByteWriter immutable;
  immutable.u8(kFormat);
  ByteWriter head;
  head.u8(kFormat);
  head.i64(channel.changed_at);
  head.sized(channel.sealed_secret);
  return {std::move(immutable).take(), std::move(head).take()};
}

Result<NoticeChannel> decode_notice_channel(const Uuid& id, std::uint64_t version,
                                            BytesView immutable, BytesView head) {
  ByteReader fixed(immutable);
  ByteReader moving(head);
  NoticeChannel out{.id = {id}, .version = version, .changed_at = 0, .sealed_secret = {}};
  const bool known = fixed.u8() == kFormat && moving.u8() == kFormat;
  out.changed_at = moving.i64();
  out.sealed_secret = to_bytes(moving.sized(kMaxSealed));
  if (!known || !fixed.done() || !moving.done()) {
    return Error(Errc::ledger_record_invalid, {}, {}, "stored notice channel");
  }
  return out;
}

}  // namespace florin::domain
