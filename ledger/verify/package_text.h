#pragma once
/// The texts of an export package: how each file and line is spelled. One value has one spelling,
/// so that equal ledgers give equal bytes and a reader can compare whole lines.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/verify/leaf.h"
#include "ledger/verify/position.h"

namespace florin::verify {

inline constexpr std::string_view kPackageFormat = "ledger-export/1";

inline constexpr std::string_view kManifestFile = "manifest.json";
inline constexpr std::string_view kSumsFile = "SHA256SUMS";
inline constexpr std::string_view kCheckpointFile = "checkpoint";
inline constexpr std::string_view kCheckpointBodyFile = "checkpoint.body";
inline constexpr std::string_view kCheckpointSignatureFile = "checkpoint.sig";
inline constexpr std::string_view kPublicKeyFile = "pub.pem";
inline constexpr std::string_view kEntriesFile = "entries.jsonl";
inline constexpr std::string_view kPostingsFile = "postings.csv";
inline constexpr std::string_view kAccountsFile = "accounts.csv";
inline constexpr std::string_view kTrialBalanceFile = "trial_balance.csv";
inline constexpr std::string_view kOpeningBalancesFile = "opening_balances.csv";
inline constexpr std::string_view kOpeningHoldsFile = "opening_holds.csv";
inline constexpr std::string_view kOpeningReversedFile = "opening_reversed.csv";
inline constexpr std::string_view kEarlierEntriesFile = "earlier_entries.jsonl";
inline constexpr std::string_view kLeafHashesFile = "leaf-hashes.bin";
inline constexpr std::string_view kPreviousCheckpointFile = "previous-checkpoint";

/// Files that every package has, sorted; `previous-checkpoint` is the only other one allowed.
inline constexpr std::array<std::string_view, 17> kPackageFiles = {"README.txt",
                                                                   "accounts.csv",
                                                                   "checkpoint",
                                                                   "checkpoint.body",
                                                                   "checkpoint.sig",
                                                                   "checks.sql",
                                                                   "earlier_entries.jsonl",
                                                                   "entries.jsonl",
                                                                   "leaf-hashes.bin",
                                                                   "manifest.json",
                                                                   "opening_balances.csv",
                                                                   "opening_holds.csv",
                                                                   "opening_reversed.csv",
                                                                   "postings.csv",
                                                                   "pub.pem",
                                                                   "trial_balance.csv",
                                                                   "verify.py"};

inline constexpr std::string_view kPostingsHeader =
    "seq,position,booked_at,effective_day,entry_type,subject,account,asset,side,layer,amount,party,"
    "previous,total,meant_account";
inline constexpr std::string_view kAccountsHeader =
    "account,code,asset,exponent,owner,parent,opened_seq";
inline constexpr std::string_view kBalancesHeader =
    "account,code,asset,debits_posted,credits_posted,debits_pending,credits_pending,last,flags";
inline constexpr std::string_view kHoldsHeader =
    "hold,asset,authorized,captured,released,refunded,expires_at,limit_passed,legs";
inline constexpr std::string_view kReversedHeader = "seq";

/// What `manifest.json` states. The period is from_seq to to_seq, both included.
struct Manifest {
  std::string tenant;
  std::string mode;
  std::string origin;
  std::uint64_t from_seq = 0;
  std::uint64_t to_seq = 0;
  std::uint64_t size = 0;  ///< of the signed checkpoint
  Hash32 root{};
  bool evaluation = false;
  std::uint64_t entries = 0;
  std::uint64_t postings = 0;
  std::uint64_t accounts = 0;
  std::uint64_t opening_accounts = 0;
  std::uint64_t opening_holds = 0;
  std::uint64_t opening_reversed = 0;
  /// Of the entry before the period, nothing when there is none; then the clock, the lock and
  /// whether a restored ledger was not opened again.
  std::optional<std::int64_t> opening_booked_at;
  std::int64_t opening_clock = 0;
  std::optional<std::int32_t> opening_locked_through;
  bool opening_recovering = false;
  std::uint64_t earlier_entries = 0;  ///< before the period, which reversals in it take back
  bool operator==(const Manifest&) const = default;
};

std::string_view mode_name(Mode mode) noexcept;
/// "genesis", "capture", …, or "type-<n>" for types that came later.
std::string entry_type_text(std::uint8_t type);
/// RFC 3339 in UTC with nine decimals.
std::string time_text(std::int64_t unix_ns);

std::string manifest_text(const Manifest& manifest);
/// Error: `malformed_value`; takes only what manifest_text writes.
Result<Manifest> parse_manifest(std::string_view text);

// Lines are without their line feed.
/// One object of entries.jsonl; `leaf_b64` is its last member. Replaces what `out` holds.
void write_entry_line(std::string& out, const Leaf& leaf, BytesView leaf_bytes,
                      const Hash32& leaf_hash);
std::string entry_line(const Leaf& leaf, BytesView leaf_bytes);
/// The bytes of the leaf in a line of entries.jsonl; the rest is not looked at. Error:
/// `malformed_value`.
Result<Bytes> leaf_of_line(std::string_view line);
/// `position` counts from 1 within the entry. Replaces what `out` holds.
void write_posting_line(std::string& out, const Leaf& leaf, std::size_t position);
std::string posting_line(const Leaf& leaf, std::size_t position);
std::string account_line(const AccountState& account);
std::string balance_line(const AccountState& account);
std::string hold_line(const Uuid& id, const HoldState& hold);

// These take only what the functions above write. Error: `malformed_value`.
Result<AccountState> parse_account_line(std::string_view line);  ///< without totals
/// Fills in totals and flags; account, code and asset must be those of `account`.
Result<void> parse_balance_line(std::string_view line, AccountState& account);
Result<std::pair<Uuid, HoldState>> parse_hold_line(std::string_view line);

}  // namespace florin::verify
