#pragma once
/// What is asked of the ledger: one command becomes one entry, with everything that belongs to it.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/uuid.h"

namespace florin::ledger {

/// Type byte of an entry; never renumbered.
enum class EntryType : std::uint8_t {
  genesis = 1,        ///< the ledger was created
  audit = 2,          ///< zero postings: something that must be provable happened
  authorization = 3,  ///< hold opened
  capture = 4,
  release = 5,  ///< void or expiry of a hold
  refund = 6,
  payment_state = 7,  ///< intent, decline, unknown: objects only
  reversal = 8,
  adjustment = 9,
};
std::string_view entry_type_name(EntryType type) noexcept;

/// Commands may be refused; facts (what happened at a PSP) never are for a business reason.
enum class Origin : std::uint8_t { command = 0, fact = 1, system = 2 };

enum class Side : std::uint8_t { debit = 0, credit = 1 };
enum class Layer : std::uint8_t { posted = 0, pending = 1 };

/// Account codes of the chart (ledger/chart.h has names and types).
enum class AccountCode : std::uint16_t {
  psp_receivable = 1100,
  merchant_payable = 2100,
  refund_clearing = 2200,
  suspense = 3200,
  authorization_memo = 9100,
  authorization_contra = 9101,
};

/// Names an account; the writer opens it at first use and gives it a dense number.
struct AccountKey {
  AccountCode code{};
  std::uint16_t asset = 0;  ///< ISO 4217 number
  Uuid owner;               ///< merchant or connector; nil for the ledger's own
  auto operator<=>(const AccountKey&) const = default;
};

struct Posting {
  AccountKey account;
  Side side{};
  Layer layer{};
  std::uint64_t amount = 0;  ///< minor units, more than 0
  Uuid party;                ///< merchant or sub-merchant it is attributed to
};

enum class HoldOperation : std::uint8_t { open = 1, capture = 2, release = 3, refund = 4 };

/// A change of a hold. The ledger keeps captured + released <= authorized and refunded <= captured.
struct HoldChange {
  Uuid hold;
  HoldOperation operation{};
  std::uint16_t asset = 0;
  std::uint64_t amount = 0;
};

/// Kinds are given by the rooms that own the objects; the ledger only keeps them apart.
enum class ObjectKind : std::uint8_t {};
enum class UniqueTable : std::uint8_t {};

/// Writes one object. Version 0 expected = create; the new version is expected + 1.
struct ObjectWrite {
  ObjectKind kind{};
  Uuid id;
  std::uint64_t expected_version = 0;
  std::optional<Bytes> immutable;  ///< only when created, at most 24 KiB
  Bytes head;                      ///< at most 512 B
};

/// A key that may exist only once, for ever. A second writer gets `unique_violation`.
struct UniqueWrite {
  UniqueTable table{};
  Key16 key{};  ///< HMAC under a tenant key
  Bytes value;  ///< at most 64 B, e.g. the id of the object that holds the key
};

/// Reserves an idempotency key (no answer yet), or stores the answer of a reserved or new key.
struct IdempotencyWrite {
  Key16 key{};
  Key16 fingerprint{};
  bool answered = false;
  Uuid resource;
  std::uint16_t http_status = 0;
  UnixNanos expires_at = 0;
  Bytes body;  ///< at most 16 KiB
};

/// An event for merchants, delivered from the outbox.
struct Event {
  Uuid id;
  Uuid merchant;
  ObjectKind object_kind{};
  Uuid object_id;
  std::uint64_t object_version = 0;
  std::string type;  ///< e.g. "payment.authorized"
  Bytes data;        ///< JSON of `data`, at most 20 KiB
};

enum class ActorKind : std::uint8_t { system = 0, credential = 1, person = 2 };
/// Who caused the entry: a credential's id, or a person's uid in the last four bytes.
struct Actor {
  ActorKind kind = ActorKind::system;
  Uuid id;
};

/// One command becomes one entry.
struct Command {
  Uuid entry_id;
  EntryType type{};
  Origin origin = Origin::command;
  std::optional<std::int32_t> effective_day;  ///< days since 1970; the booking day when absent
  Uuid subject;                               ///< the object that it is about
  Actor actor;
  std::string note;  ///< public, at most 200 B of printable ASCII, no personal data
  std::vector<Posting> postings;
  std::vector<HoldChange> holds;
  std::vector<ObjectWrite> objects;
  std::vector<UniqueWrite> uniques;
  std::optional<IdempotencyWrite> idempotency;
  std::vector<Event> events;
};

}  // namespace florin::ledger
