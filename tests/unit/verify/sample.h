#pragma once
/// A small ledger and packages made from it, for tests alone: leaves built by hand, a key of the
/// test.
#include <openssl/evp.h>

#include <filesystem>
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

Uuid id(std::uint8_t number);

/// Appends entries and fills in what a writer would: seq, chain, times, totals.
class Journal {
 public:
  explicit Journal(bool evaluation = false);
  /// Postings need account, amount, side and layer; the accounts are opened by `openings`.
  void add(Leaf leaf);
  /// A payment of `amount`: authorization with hold, then capture of a part.
  void add_payment(std::uint8_t number, std::uint64_t amount, std::uint64_t captured);

  std::vector<Leaf> leaves;
  std::vector<Bytes> bytes;
  std::vector<Hash32> hashes;

 private:
  std::vector<Totals> totals_;
};

/// Genesis, four payments, a refund, an audit entry: eleven entries.
Journal journal(bool evaluation = false);

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
