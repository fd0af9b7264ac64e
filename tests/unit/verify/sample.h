#pragma once
/// A small ledger and packages made from it, for tests alone: leaves built by hand, a key of the
/// test.
#include <openssl/evp.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "ledger/verify/books.h"
#include "ledger/verify/leaf.h"
#include "ledger/verify/note.h"

namespace florin::verify::sample {

/// An ECDSA P-256 key pair that exists as long as the object.
class Key {
 public:
  Key();
  ~Key();
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;
  [[nodiscard]] Bytes public_der() const;
  [[nodiscard]] Bytes sign(BytesView message) const;

 private:
  EVP_PKEY* key_;
};

Uuid id(std::uint64_t number);

/// Appends entries and fills in what a writer would: seq, chain, times, totals.
class Journal {
 public:
  explicit Journal(bool evaluation = false);
  /// The first `size` entries of another one.
  Journal(const Journal& other, std::size_t size);
  /// Postings need account, amount, side and layer; the accounts are opened by `openings`. Day 0
  /// stands for the booking day.
  void add(Leaf leaf);
  /// Appends again after a change of the leaf at the end.
  void redo(const std::function<void(Leaf&)>& change);
  /// A payment of `amount`: authorization with hold, then capture of a part.
  void add_payment(std::uint64_t number, std::uint64_t amount, std::uint64_t captured,
                   std::int64_t expires_at = 0);
  /// The mirror of entry `seq`, approved by two people.
  void add_reversal(std::uint64_t seq);
  [[nodiscard]] std::int64_t next_booked_at() const;

  std::vector<Leaf> leaves;
  std::vector<Bytes> bytes;
  std::vector<Hash32> hashes;

 private:
  void carry_out(Leaf& leaf);

  std::vector<Totals> totals_;
  std::vector<Totals> totals_before_;
};

constexpr std::int32_t kFirstDay = 20775;  ///< the booking day of all entries of a journal

/// Two approvals of one request.
std::vector<Approval> approvals();

/// Genesis, four payments, a refund, an audit entry: eleven entries.
Journal journal(bool evaluation = false);
/// The same and behind it everything that an entry can say, from number 11 on; see sample.cpp.
Journal full_journal();
/// Payments with a reversal now and then: `size` entries that keep all rules, quick to make.
Journal long_journal(std::size_t size);
/// What entry `seq` of a journal is about, by its place in full_journal.
enum FullJournal : std::uint64_t {
  kLimited = 11,   ///< account 4 must not be overdrawn
  kIncrease = 13,  ///< of the hold that is opened before, with a new time
  kReleasePart = 14,
  kClockEntry = 15,
  kExpiryEntry = 16,
  kReversed = 18,  ///< a capture
  kReversal = 19,  ///< of it
  kLock = 20,
  kMeantForLocked = 21,
  kAdjustment = 22,    ///< into the locked period
  kFrozen = 23,        ///< account 3
  kRedirected = 24,    ///< a fact on it
  kLateReversal = 26,  ///< of entry 9, after the account was released
  kSubmerchant = 27,
  kRestored = 28,
  kReopened = 29,
  kPassed = 30,  ///< a fact captures more than was authorized
};

struct PackageParts {
  std::uint64_t from_seq = 0;
  std::uint64_t to_seq = 0;
  std::string previous_checkpoint{};
};

Checkpoint checkpoint_of(const Journal& journal, std::size_t size);
std::string note_of(const Journal& journal, std::size_t size, const Key& key);

/// Writes the package of the journal's first `size` entries. The books are not checked, so that
/// wrong journals can be packed.
void write_package(const std::filesystem::path& directory, const Journal& journal, const Key& key,
                   std::size_t size, const PackageParts& parts);
void write_package(const std::filesystem::path& directory, const Journal& journal, const Key& key);
/// Writes SHA256SUMS anew, as somebody who changed a file would.
void seal(const std::filesystem::path& directory);

std::string read_file(const std::filesystem::path& path);
void write_file(const std::filesystem::path& path, std::string_view content);

/// A directory that is removed at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace florin::verify::sample
