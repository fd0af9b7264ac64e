#pragma once
/// The texts of an export package: how each file and line is spelled. One value has one spelling,
/// so that equal ledgers give equal bytes and a reader can compare whole lines.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/verify/books.h"
#include "ledger/verify/leaf.h"

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
inline constexpr std::string_view kLeafHashesFile = "leaf-hashes.bin";
inline constexpr std::string_view kPreviousCheckpointFile = "previous-checkpoint";

/// Files that every package has, sorted; `previous-checkpoint` is the only other one allowed.
inline constexpr std::array<std::string_view, 15> kPackageFiles = {
    "README.txt",     "accounts.csv",         "checkpoint",        "checkpoint.body",
    "checkpoint.sig", "checks.sql",           "entries.jsonl",     "leaf-hashes.bin",
    "manifest.json",  "opening_balances.csv", "opening_holds.csv", "postings.csv",
    "pub.pem",        "trial_balance.csv",    "verify.py"};

inline constexpr std::string_view kPostingsHeader =
    "seq,position,booked_at,effective_day,entry_type,subject,account,asset,side,layer,amount,party,"
    "previous,total";
inline constexpr std::string_view kAccountsHeader =
    "account,code,asset,exponent,owner,parent,opened_seq";
inline constexpr std::string_view kBalancesHeader =
    "account,code,asset,debits_posted,credits_posted,debits_pending,credits_pending,last";
inline constexpr std::string_view kHoldsHeader = "hold,asset,authorized,captured,released,refunded";

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
/// One object of entries.jsonl; `leaf_b64` is its last member.
std::string entry_line(const Leaf& leaf, BytesView leaf_bytes);
/// The bytes of the leaf in a line of entries.jsonl; the rest is not looked at. Error:
/// `malformed_value`.
Result<Bytes> leaf_of_line(std::string_view line);
/// `position` counts from 1 within the entry.
std::string posting_line(const Leaf& leaf, std::size_t position);
std::string account_line(const AccountState& account);
std::string balance_line(const AccountState& account);
std::string hold_line(const Uuid& id, const HoldState& hold);

// These take only what the functions above write. Error: `malformed_value`.
Result<AccountState> parse_account_line(std::string_view line);  ///< without totals
/// Fills in the totals; account, code and asset must be those of `account`.
Result<void> parse_balance_line(std::string_view line, AccountState& account);
Result<std::pair<Uuid, HoldState>> parse_hold_line(std::string_view line);

}  // namespace florin::verify
