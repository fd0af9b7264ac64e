#include "daemon/domain/subject.h"

namespace florin::domain {
namespace {

constexpr std::uint8_t kFormat = 1;

}  // namespace

Stored encode(const Subject& subject) {
  ByteWriter fixed;
  fixed.u8(kFormat);
  fixed.raw(subject.merchant.value.view());
  fixed.u64(subject.slot);
  fixed.i64(subject.created_at);
  ByteWriter head;
  head.u8(kFormat);
  head.i64(subject.erased_at);
  return {std::move(fixed).take(), std::move(head).take()};
}

Result<Subject> decode_subject(const Uuid& id, std::uint64_t version, BytesView immutable,
                               BytesView head) {
  ByteReader fixed(immutable);
  if (fixed.u8() != kFormat) fixed.fail();
  Subject subject{.id = {id}, .version = version, .merchant = {}};
  subject.merchant.value.bytes = fixed.array<16>();
  subject.slot = fixed.u64();
  subject.created_at = fixed.i64();
  ByteReader moving(head);
  if (moving.u8() != kFormat) moving.fail();
  subject.erased_at = moving.i64();
  if (!fixed.done() || !moving.done()) {
    return Error(Errc::ledger_record_invalid, {}, {}, "stored subject");
  }
  return subject;
}

}  // namespace florin::domain
