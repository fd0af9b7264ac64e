#pragma once
/// The sealed part of an entry (FORMAT.md, "Body"): new object values, unique keys, the answer and
/// the events, behind the random salt that makes the leaf's commitment hiding.
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "ledger/command.h"

namespace florin::ledger {

struct BodyObject {
  ObjectKind kind{};
  Uuid id;
  std::uint64_t version = 0;  ///< the new one
  std::optional<Bytes> immutable;
  Bytes head;
};

struct BodyEvent {
  Event event;
  std::uint64_t merchant_seq = 0;
};

struct Body {
  ByteArray<32> salt{};
  std::vector<BodyObject> objects;
  std::vector<UniqueWrite> uniques;
  std::optional<IdempotencyWrite> idempotency;
  std::vector<BodyEvent> events;
};

/// Error: `ledger_limit` above 64 KiB.
Result<Bytes> encode_body(const Body& body);
/// Pure; takes exactly what encode_body writes. Error: `ledger_record_invalid`.
Result<Body> decode_body(BytesView bytes);

}  // namespace florin::ledger
