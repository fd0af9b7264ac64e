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
  reversal = 8,       ///< takes back one earlier entry, whole; the ledger fills the postings
  adjustment = 9,     ///< a correction by two people; may be dated into a locked period
  increment = 10,     ///< a hold grows
  expiry = 11,        ///< a hold whose time has passed is released; the ledger fills the postings
  clock = 12,         ///< the ledger's own time record; nothing expires before it
  period = 13,        ///< days are locked
  account = 14,       ///< flags of an account are set
  recovery = 15,      ///< the ledger was restored, or is opened again afterwards
};
std::string_view entry_type_name(EntryType type) noexcept;

/// Commands may be refused; facts (what happened at a PSP) never are for a business reason.
enum class Origin : std::uint8_t { command = 0, fact = 1, system = 2 };

enum class Side : std::uint8_t { debit = 0, credit = 1 };
enum class Layer : std::uint8_t { posted = 0, pending = 1 };

/// Account codes of the chart (ledger/chart.h has names and types).
enum class AccountCode : std::uint16_t {
  psp_receivable = 1100,
  psp_in_transit = 1110,  ///< settlement file seen, cash not yet
  settlement_bank = 1200,
  psp_reserve = 1300,
  merchant_receivable = 1400,
  merchant_payable = 2100,  ///< available
  merchant_pending = 2110,  ///< payable once settled
  merchant_reserve = 2120,
  submerchant_payable = 2130,  ///< child of the parent merchant's 2100
  payout_in_transit = 2140,
  refund_clearing = 2200,
  dispute_holding = 2300,
  tax_payable = 2400,
  loyalty_points = 2500,
  fx_position = 3100,
  suspense = 3200,  ///< what cannot be posted where it belongs; zero at close
  fee_revenue = 4100,
  fx_margin = 4110,
  psp_fees = 5100,
  scheme_fees = 5110,
  chargeback_loss = 5200,
  loyalty_issue_cost = 5300,
  authorization_memo = 9100,
  authorization_contra = 9101,
};

/// Bits of an account. Set by entries of type `account`; memo accounts and suspense have none.
enum AccountFlag : std::uint32_t {
  kDebitsMustNotExceedCredits = 1,  ///< pending debits count as debits
  kCreditsMustNotExceedDebits = 2,
  kAccountFrozen = 4,  ///< takes no postings for now
  kAccountClosed = 8,  ///< takes none for ever: the bit stays
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
  /// Owner of the parent account, for codes whose chart row has a parent; nil for the others.
  /// Counts when the account is opened; later a command's must agree, a fact is posted to what
  /// there is.
  Uuid parent_owner{};
};

enum class HoldOperation : std::uint8_t {
  open = 1,
  capture = 2,
  release = 3,
  refund = 4,
  increase = 5,
  expire = 6,
};

/// A change of a hold. The ledger keeps captured + released <= authorized and refunded <= captured.
/// An entry with pending postings changes exactly one hold: those postings are the hold's legs, and
/// what remains of a hold is what its legs hold.
struct HoldChange {
  Uuid hold;
  HoldOperation operation{};
  std::uint16_t asset = 0;
  std::uint64_t amount = 0;  ///< zero only for `expire`, where the ledger fills in what remains
  /// `open` and `increase` only: when it expires; 0 = never (open), as before (increase).
  UnixNanos expires_at = 0;
};

/// One person's approval of one request.
struct Approval {
  Uuid person;
  Hash32 request{};  ///< hash of the canonical text that was approved
};

/// Sets the flags of one account, which is opened when it does not exist.
struct AccountChange {
  AccountKey account;
  std::uint32_t flags = 0;  ///< all of them, see AccountFlag
};

enum class RecoveryStep : std::uint8_t {
  restored = 1,  ///< written by the ledger itself, first thing after a restore
  reopened = 2,  ///< by two people
};
/// Type recovery. What was signed is stated by `restored` alone, zero when nothing was known.
struct RecoveryRecord {
  RecoveryStep step{};
  std::uint64_t signed_size = 0;
  Hash32 signed_root{};
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
/// Who caused the entry: a credential's id, a person's id, or just a uid in the last four bytes.
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

  /// At least two distinct people, all for one request: adjustments, commanded reversals,
  /// reopening.
  std::vector<Approval> approvals{};
  std::optional<Uuid> reverses{};                ///< type reversal: id of the entry to take back
  std::vector<AccountChange> account_changes{};  ///< type account
  std::optional<std::int32_t> lock_through{};    ///< type period: last locked day, before today
  std::optional<UnixNanos> clock{};              ///< type clock: not before the last clock entry
  std::optional<RecoveryRecord> recovery{};      ///< type recovery

  /// How many outcomes this command will need room for, and how many such reservations its entry
  /// uses up. Kept in memory only: outcomes are facts, which are taken in any case; the reservation
  /// makes sure that commands are refused early enough for that to hold.
  std::uint32_t reserves = 0;
  std::uint32_t frees = 0;
};

}  // namespace florin::ledger
