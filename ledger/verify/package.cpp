#include "ledger/verify/package.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "base/hash.h"
#include "base/signature.h"
#include "ledger/verify/books.h"
#include "ledger/verify/merkle.h"
#include "ledger/verify/note.h"
#include "ledger/verify/package_files.h"
#include "ledger/verify/package_text.h"

namespace florin::verify {
namespace {

constexpr std::size_t kMaxSmallFileBytes = std::size_t{64} * 1024;
constexpr std::uint64_t kProgressEntries = 4096;

// Where a JSON line first differs from what it should be, in words.
std::string json_difference(std::string_view found, std::string_view wanted) {
  const auto [at, ignored] =
      std::mismatch(found.begin(), found.end(), wanted.begin(), wanted.end());
  const auto column = static_cast<std::size_t>(at - found.begin());
  const std::size_t name_end = wanted.rfind("\":", column);
  if (name_end == std::string_view::npos) return "is not spelled as this format spells it";
  const std::size_t name = wanted.rfind('"', name_end - 1) + 1;
  return fmt::format("\"{}\" is not what the leaf says", wanted.substr(name, name_end - name));
}

// The same for a CSV line, with the name of the column.
std::string csv_difference(std::string_view found, std::string_view wanted,
                           std::string_view header) {
  const auto [at, ignored] =
      std::mismatch(found.begin(), found.end(), wanted.begin(), wanted.end());
  auto commas = std::count(found.begin(), at, ',');
  for (; commas > 0 && header.find(',') != std::string_view::npos; --commas) {
    header.remove_prefix(header.find(',') + 1);
  }
  return fmt::format("\"{}\" is not what the leaves say", header.substr(0, header.find(',')));
}

// A CSV file that is held against lines which are derived one after the other. After its first
// fault a table is silent: what follows would only repeat it.
class Table {
 public:
  Table(const std::filesystem::path& directory, std::string_view file, std::string_view header,
        std::vector<Finding>& findings)
      : lines_(directory / file), file_(file), header_(header), findings_(findings) {
    const auto line = next();
    if (line && *line != header_) fail("the header line is not that of this format");
    if (!line && !failed_) fail("is empty");
  }

  /// The next line, or nothing when there is none (or the table failed).
  std::optional<std::string_view> next() {
    if (failed_) return std::nullopt;
    auto line = lines_.next();
    if (!line.ok()) {
      fail(line.error().message());
      return std::nullopt;
    }
    return *line;
  }
  void expect(const std::string& wanted, std::optional<std::uint64_t> entry = {}) {
    if (failed_) return;
    const auto line = next();
    if (failed_) return;
    if (!line) return fail("ends too early", entry);
    if (*line != wanted) fail(csv_difference(*line, wanted, header_), entry);
  }
  void expect_end() {
    if (!failed_ && next()) fail("has a line too many");
  }
  void fail(std::string problem, std::optional<std::uint64_t> entry = {}) {
    if (failed_) return;
    failed_ = true;
    findings_.push_back({.file = std::string(file_),
                         .line = std::max<std::uint64_t>(lines_.number(), 1),
                         .entry = entry,
                         .problem = std::move(problem)});
  }
  [[nodiscard]] bool failed() const noexcept { return failed_; }

 private:
  LineReader lines_;
  std::string_view file_;
  std::string_view header_;
  std::vector<Finding>& findings_;
  bool failed_ = false;
};

class PackageCheck {
 public:
  PackageCheck(std::filesystem::path directory, const PackageOptions& options)
      : directory_(std::move(directory)), options_(options) {}

  Result<Report> run() {
    std::error_code error;
    if (!std::filesystem::is_directory(directory_, error)) {
      return Error(Errc::not_found, "directory", "is not a directory");
    }
    if (options_.public_key_pem) {
      FLORIN_TRY(key_, public_key_from_pem(*options_.public_key_pem));
      report_.key_trusted = true;
    }
    check_sums(directory_, report_.findings);
    // Each step needs what the one before found; what cannot be looked at is already a finding.
    if (read_key() && read_checkpoint() && read_manifest() && read_leaf_hashes()) {
      check_previous();
      check_entries();
    }
    return std::move(report_);
  }

 private:
  bool fail(std::string_view file, std::string problem) {
    report_.findings.push_back({.file = std::string(file), .problem = std::move(problem)});
    return false;
  }
  std::optional<std::string> small_file(std::string_view name) {
    auto text = read_small_file(directory_ / name, kMaxSmallFileBytes);
    if (text.ok()) return std::move(text).value();
    fail(name, text.error().message());
    return std::nullopt;
  }

  bool read_key() {
    const auto pem = small_file(kPublicKeyFile);
    if (!pem) return false;
    const auto der = public_key_from_pem(*pem);
    if (!der.ok() || public_key_pem(*der) != *pem) {
      fail(kPublicKeyFile, "not a public key in PEM");
      if (!report_.key_trusted) return false;
    } else if (!report_.key_trusted) {
      key_ = *der;
    } else if (*der != key_) {
      fail(kPublicKeyFile, "is not the expected key");
    }
    report_.key_sha256 = to_hex(sha256(key_));
    return true;
  }

  bool read_checkpoint() {
    const auto text = small_file(kCheckpointFile);
    if (!text) return false;
    const auto note = parse_note(*text);
    if (!note.ok()) return fail(kCheckpointFile, note.error().message());
    if (const auto good = verify_note(*note, key_); !good.ok()) {
      return fail(kCheckpointFile, good.error().message());
    }
    const auto body = small_file(kCheckpointBodyFile);
    if (body && *body != note->text) {
      fail(kCheckpointBodyFile, "is not the signed text of the checkpoint");
    }
    const auto signature = small_file(kCheckpointSignatureFile);
    if (signature && *signature != text_of(note->signature_der)) {
      fail(kCheckpointSignatureFile, "is not the signature of the checkpoint");
    }
    checkpoint_ = note->checkpoint;
    report_.origin = checkpoint_.origin;
    return true;
  }

  bool read_manifest() {
    const auto text = small_file(kManifestFile);
    if (!text) return false;
    auto manifest = parse_manifest(*text);
    if (!manifest.ok()) return fail(kManifestFile, manifest.error().message());
    manifest_ = std::move(manifest).value();
    report_.tenant = manifest_.tenant;
    report_.mode = manifest_.mode;
    report_.evaluation = manifest_.evaluation;
    report_.from_seq = manifest_.from_seq;
    report_.to_seq = manifest_.to_seq;
    report_.opening_stated = manifest_.from_seq > 0;
    if (manifest_.origin != checkpoint_.origin || manifest_.size != checkpoint_.size ||
        manifest_.root != checkpoint_.root) {
      return fail(kManifestFile, "origin, size or root is not that of the checkpoint");
    }
    return true;
  }

  // Loads the hashes of all leaves and compares their tree with the signed one.
  bool read_leaf_hashes() {
    const std::filesystem::path path = directory_ / kLeafHashesFile;
    std::error_code error;
    const std::uintmax_t bytes = std::filesystem::file_size(path, error);
    if (error) return fail(kLeafHashesFile, "is missing");
    if (bytes % sizeof(Hash32) != 0 || bytes / sizeof(Hash32) != checkpoint_.size) {
      return fail(kLeafHashesFile, fmt::format("has {} bytes, not 32 for each of {} entries", bytes,
                                               checkpoint_.size));
    }
    hashes_.resize(checkpoint_.size);
    std::ifstream in(path, std::ios::binary);
    in.read(reinterpret_cast<char*>(hashes_.data()), static_cast<std::streamsize>(bytes));
    if (static_cast<std::uintmax_t>(in.gcount()) != bytes) {
      return fail(kLeafHashesFile, "cannot be read");
    }
    CompactRange tree;
    for (const Hash32& hash : hashes_) tree.append(hash);
    report_.size = tree.size();
    report_.root = to_hex(tree.root());
    if (tree.root() != checkpoint_.root) {
      // Not the end: the entries may tell which hash was changed.
      fail(kLeafHashesFile, "the root over these hashes is not the signed one");
    }
    return true;
  }

  // Older checkpoints, from the package or brought along: the tree must have grown from them.
  void check_previous() {
    if (std::filesystem::exists(directory_ / kPreviousCheckpointFile)) {
      if (const auto text = small_file(kPreviousCheckpointFile)) {
        check_previous_note(kPreviousCheckpointFile, *text);
      }
    }
    if (options_.previous_checkpoint) {
      check_previous_note("(given previous checkpoint)", *options_.previous_checkpoint);
    }
  }
  void check_previous_note(std::string_view file, const std::string& text) {
    const auto note = parse_note(text);
    if (!note.ok()) return void(fail(file, note.error().message()));
    if (const auto good = verify_note(*note, key_); !good.ok()) {
      return void(fail(file, good.error().message()));
    }
    const Checkpoint& previous = note->checkpoint;
    if (previous.origin != checkpoint_.origin) return void(fail(file, "is of another ledger"));
    if (previous.size > checkpoint_.size) {
      return void(fail(file, fmt::format("knows {} entries, the package only {}", previous.size,
                                         checkpoint_.size)));
    }
    CompactRange tree;
    for (std::uint64_t i = 0; i < previous.size; ++i) tree.append(hashes_[i]);
    if (tree.root() != previous.root) {
      return void(fail(file, "the package does not continue this checkpoint: history was changed"));
    }
    report_.previous_size = previous.size;
  }

  // The books before the first entry of the package, from what the package states.
  std::optional<Books> opening_books(Table& accounts) {
    Table balances(directory_, kOpeningBalancesFile, kBalancesHeader, report_.findings);
    Table holds(directory_, kOpeningHoldsFile, kHoldsHeader, report_.findings);
    OpeningPosition opening;
    opening.next_seq = manifest_.from_seq;
    opening.mode = manifest_.mode == "live"   ? Mode::live
                   : manifest_.mode == "test" ? Mode::test
                                              : Mode::system;
    opening.tenant = *Uuid::parse(manifest_.tenant);
    for (std::uint64_t i = 0; i < manifest_.opening_accounts && !accounts.failed(); ++i) {
      if (!read_account(accounts, balances, opening)) return std::nullopt;
    }
    for (std::uint64_t i = 0; i < manifest_.opening_holds && !holds.failed(); ++i) {
      if (!read_hold(holds, opening)) return std::nullopt;
    }
    balances.expect_end();
    holds.expect_end();
    if (accounts.failed() || balances.failed() || holds.failed()) return std::nullopt;
    if (manifest_.from_seq == 0) {
      if (manifest_.opening_accounts + manifest_.opening_holds == 0) return Books();
      fail(kManifestFile, "a package from entry 0 on has no opening balances");
      return std::nullopt;
    }
    opening.previous_leaf = hashes_[manifest_.from_seq - 1];
    auto books = Books::resume(std::move(opening));
    if (books.ok()) return std::move(books).value();
    fail(kOpeningBalancesFile, books.error().message());
    return std::nullopt;
  }
  static bool read_account(Table& accounts, Table& balances, OpeningPosition& opening) {
    const auto line = accounts.next();
    if (!line) return accounts.fail("ends too early"), false;
    auto account = parse_account_line(*line);
    if (!account.ok() || account_line(*account) != *line) {
      return accounts.fail("not a row of accounts"), false;
    }
    const auto totals = balances.next();
    if (!totals) return balances.fail("ends too early"), false;
    const auto good = parse_balance_line(*totals, *account);
    if (!good.ok()) return balances.fail(good.error().message()), false;
    opening.accounts.push_back(std::move(account).value());
    return true;
  }
  static bool read_hold(Table& holds, OpeningPosition& opening) {
    const auto line = holds.next();
    if (!line) return holds.fail("ends too early"), false;
    const auto hold = parse_hold_line(*line);
    const bool sorted =
        hold.ok() && (opening.holds.empty() || opening.holds.rbegin()->first < hold->first);
    if (!sorted || hold_line(hold->first, hold->second) != *line) {
      return holds.fail("not a row of holds in order"), false;
    }
    opening.holds.insert(*hold);
    return true;
  }

  void check_entries() {
    Table accounts(directory_, kAccountsFile, kAccountsHeader, report_.findings);
    Table postings(directory_, kPostingsFile, kPostingsHeader, report_.findings);
    Table balances(directory_, kTrialBalanceFile, kBalancesHeader, report_.findings);
    auto books = opening_books(accounts);
    if (!books) return;
    LineReader lines(directory_ / kEntriesFile);
    for (std::uint64_t seq = manifest_.from_seq; seq <= manifest_.to_seq; ++seq) {
      if (auto problem = check_entry(lines, seq, *books, accounts, postings)) {
        report_.findings.push_back({.file = std::string(kEntriesFile),
                                    .line = std::max<std::uint64_t>(lines.number(), 1),
                                    .entry = seq,
                                    .problem = std::move(*problem)});
        return;
      }
      ++report_.entries;
      if (options_.progress && report_.entries % kProgressEntries == 0) {
        options_.progress(report_.entries, manifest_.entries);
      }
    }
    if (const auto more = lines.next(); !more.ok() || more->has_value()) {
      report_.findings.push_back({.file = std::string(kEntriesFile),
                                  .line = lines.number(),
                                  .problem = "has a line too many"});
    }
    for (const AccountState& account : books->accounts()) balances.expect(balance_line(account));
    for (Table* const table : {&accounts, &postings, &balances}) table->expect_end();
    check_counts(*books);
  }

  // One line of entries.jsonl and what follows from it. Returns what is wrong.
  std::optional<std::string> check_entry(LineReader& lines, std::uint64_t seq, Books& books,
                                         Table& accounts, Table& postings) {
    const auto line = lines.next();
    if (!line.ok()) return line.error().message();
    if (!*line) return "ends too early";
    const auto bytes = leaf_of_line(**line);
    if (!bytes.ok()) return bytes.error().message();
    const Hash32 hash = leaf_hash(*bytes);
    if (hash != hashes_[seq]) {
      return fmt::format("the hash of the leaf is not the one in {} at byte {}", kLeafHashesFile,
                         seq * sizeof(Hash32));
    }
    const auto leaf = decode_leaf(*bytes);
    if (!leaf.ok()) return leaf.error().message();
    const std::string wanted = entry_line(*leaf, *bytes);
    if (**line != wanted) return json_difference(**line, wanted);
    const std::size_t known = books.accounts().size();
    if (const auto good = books.consume(*leaf, hash); !good.ok()) return good.error().message();
    if (leaf->tenant.text() != manifest_.tenant || mode_name(leaf->mode) != manifest_.mode) {
      return "tenant or mode is not that of the manifest";
    }
    for (std::size_t i = known; i < books.accounts().size(); ++i) {
      accounts.expect(account_line(books.accounts()[i]), seq);
    }
    for (std::size_t i = 1; i <= leaf->postings.size(); ++i) {
      postings.expect(posting_line(*leaf, i), seq);
    }
    report_.postings += leaf->postings.size();
    return std::nullopt;
  }

  void check_counts(const Books& books) {
    report_.accounts = books.accounts().size();
    if (report_.postings != manifest_.postings || report_.accounts != manifest_.accounts) {
      fail(kManifestFile, "the number of postings or accounts is not that of the leaves");
    }
    report_.evaluation_proven = books.evaluation().has_value();
    if (books.evaluation() && *books.evaluation() != manifest_.evaluation) {
      fail(kManifestFile, "\"evaluation\" is not what the genesis entry says");
    }
  }

  std::filesystem::path directory_;
  const PackageOptions& options_;
  Report report_;
  Bytes key_;
  Checkpoint checkpoint_;
  Manifest manifest_;
  std::vector<Hash32> hashes_;
};

}  // namespace

Result<Report> verify_package(const std::filesystem::path& directory,
                              const PackageOptions& options) {
  return PackageCheck(directory, options).run();
}

}  // namespace florin::verify
