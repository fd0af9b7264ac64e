#pragma once
/// The leaf of an entry: the canonical bytes that are hashed, proven and exported
/// (ledger/FORMAT.md, "Leaf"). One leaf has exactly one encoding; whatever else is refused.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/uint128.h"
#include "base/uuid.h"

namespace florin::verify {

inline constexpr std::size_t kMaxLeafBytes = 1900;
inline constexpr std::size_t kMaxPostings = 20;
inline constexpr std::size_t kMaxNoteBytes = 200;

inline constexpr std::size_t kMaxApprovals = 8;

/// Entry types whose rules a verifier knows (FORMAT.md, "Leaf").
inline constexpr std::uint8_t kGenesisType = 1;
inline constexpr std::uint8_t kReversalType = 8;
inline constexpr std::uint8_t kAdjustmentType = 9;
inline constexpr std::uint8_t kExpiryType = 11;
inline constexpr std::uint8_t kClockType = 12;
inline constexpr std::uint8_t kPeriodType = 13;
inline constexpr std::uint8_t kAccountType = 14;
inline constexpr std::uint8_t kRecoveryType = 15;
inline constexpr std::uint32_t kFlagEvaluation = 1;   ///< genesis only: an evaluation instance
inline constexpr std::uint32_t kFlagLimitPassed = 2;  ///< a fact passed the limit of a hold

inline constexpr std::uint32_t kDebitsMustNotExceedCredits = 1;
inline constexpr std::uint32_t kCreditsMustNotExceedDebits = 2;
inline constexpr std::uint32_t kAccountFrozen = 4;
inline constexpr std::uint32_t kAccountClosed = 8;
inline constexpr std::uint32_t kKnownAccountFlags = 15;
inline constexpr std::uint16_t kSuspenseCode = 3200;

enum class Mode : std::uint8_t { system = 0, test = 1, live = 2 };
enum class Origin : std::uint8_t { command = 0, fact = 1, system = 2 };
enum class Side : std::uint8_t { debit = 0, credit = 1 };
enum class Layer : std::uint8_t { posted = 0, pending = 1 };
enum class HoldOperation : std::uint8_t {
  open = 1,
  capture = 2,
  release = 3,
  refund = 4,
  increase = 5,
  expire = 6,
};
enum class RedirectionReason : std::uint8_t { frozen = 1, closed = 2, balance_limit = 3 };
enum class RecoveryStep : std::uint8_t { restored = 1, reopened = 2 };
enum class ActorKind : std::uint8_t { system = 0, credential = 1, person = 2 };

struct Posting {
  std::uint64_t account = 0;
  std::uint64_t amount = 0;  ///< minor units
  std::uint16_t asset = 0;   ///< ISO 4217 number
  Side side{};
  Layer layer{};
  Uuid party;
  std::uint64_t previous = 0;  ///< seq of the entry that touched the account before, + 1; 0 = none
  Uint128 total = 0;           ///< of this side and layer of the account, after this posting
  bool operator==(const Posting&) const = default;
};

struct AccountOpening {
  std::uint64_t number = 0;
  std::uint16_t code = 0;
  std::uint16_t asset = 0;
  std::uint8_t exponent = 0;
  Uuid owner;
  std::uint64_t parent = 0;  ///< 0 = none
  bool operator==(const AccountOpening&) const = default;
};

struct HoldChange {
  Uuid hold;
  HoldOperation operation{};
  std::uint16_t asset = 0;
  std::uint64_t amount = 0;
  std::int64_t expires_at = 0;  ///< open and increase only; 0 = never (open), unchanged (increase)
  bool takes_back = false;      ///< the amount is subtracted (reversals only)
  bool operator==(const HoldChange&) const = default;
};

/// The account now has these flags and no others.
struct AccountFlags {
  std::uint64_t account = 0;
  std::uint32_t flags = 0;
  bool operator==(const AccountFlags&) const = default;
};

/// A posting of a fact that stands on suspense because its account could not take it.
struct Redirection {
  std::uint8_t posting = 0;  ///< position among the entry's postings, from 0
  RedirectionReason reason{};
  std::uint64_t account = 0;  ///< the one that was meant
  bool operator==(const Redirection&) const = default;
};

struct ReversedEntry {
  std::uint64_t seq = 0;
  Uuid entry_id;
  bool operator==(const ReversedEntry&) const = default;
};

struct Approval {
  Uuid person;
  Hash32 request{};
  bool operator==(const Approval&) const = default;
};

/// After a restore: what was known to be signed, which the restored log may not reach any more.
struct Recovery {
  RecoveryStep step{};
  std::uint64_t signed_size = 0;  ///< restored only; 0 when nothing was known
  Hash32 signed_root{};
  bool operator==(const Recovery&) const = default;
};

struct Actor {
  ActorKind kind{};
  Uuid id;
  bool operator==(const Actor&) const = default;
};

struct Leaf {
  std::uint8_t type = 0;
  std::uint64_t seq = 0;
  Uuid tenant;
  Mode mode{};
  Origin origin{};
  std::int32_t effective_day = 0;  ///< days since 1970
  std::int64_t booked_at = 0;      ///< ns since 1970
  Uuid entry_id;
  Uuid subject;
  Hash32 previous_leaf{};
  Hash32 body_commitment{};
  Key16 fingerprint{};
  std::vector<Posting> postings;
  std::vector<AccountOpening> openings;
  std::vector<HoldChange> holds;
  std::optional<Actor> actor;
  std::uint32_t flags = 0;
  std::string note;
  std::vector<AccountFlags> account_flags;
  std::vector<Redirection> redirections;
  std::optional<std::int32_t> meant_day;  ///< of a fact that fell into a locked period
  std::optional<ReversedEntry> reverses;
  std::vector<Approval> approvals;
  std::optional<std::int32_t> lock_through;
  std::optional<std::int64_t> clock;
  std::optional<Recovery> recovery;
  bool operator==(const Leaf&) const = default;
};

/// Error: `ledger_record_invalid`; the message names the byte and what is wrong there.
Result<Leaf> decode_leaf(BytesView bytes);
/// The bytes of a leaf. The caller keeps to the limits; a leaf that breaks them does not decode.
Bytes encode_leaf(const Leaf& leaf);

}  // namespace florin::verify
