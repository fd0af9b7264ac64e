#include "ledger/verify/entries_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "ledger/verify/books.h"
#include "ledger/verify/earlier_entries.h"
#include "ledger/verify/leaf_hashes.h"
#include "ledger/verify/merkle.h"
#include "ledger/verify/package_opening.h"
#include "ledger/verify/resume_state.h"
#include "ledger/verify/table_reader.h"

namespace florin::verify {
namespace {

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

class EntriesCheck {
 public:
  EntriesCheck(const std::filesystem::path& directory, const Manifest& manifest,
               const PackageOptions& options, Report& report)
      : directory_(directory),
        manifest_(manifest),
        options_(options),
        report_(report),
        hashes_(directory / kLeafHashesFile),
        earlier_(directory, manifest.from_seq),
        accounts_(directory, kAccountsFile, kAccountsHeader, report.findings),
        postings_(directory, kPostingsFile, kPostingsHeader, report.findings),
        lines_(directory / kEntriesFile) {}

  Result<void> run() {
    FLORIN_TRY_VOID(begin());
    if (!ready_) return {};
    while (books_.next_seq() <= manifest_.to_seq) {
      const std::uint64_t seq = books_.next_seq();
      if (auto problem = check_entry(seq)) {
        fail(kEntriesFile, std::max<std::uint64_t>(lines_.number(), 1), seq, std::move(*problem));
        return {};
      }
      ++report_.entries;
      if (report_.entries % kProgressEntries == 0) {
        FLORIN_TRY_VOID(pause());
        if (report_.interrupted) return {};
      }
    }
    finish();
    if (options_.state_file) {
      std::error_code ignored;
      std::filesystem::remove(*options_.state_file, ignored);
    }
    return {};
  }

 private:
  void fail(std::string_view file, std::optional<std::uint64_t> line,
            std::optional<std::uint64_t> entry, std::string problem) {
    report_.findings.push_back(
        {.file = std::string(file), .line = line, .entry = entry, .problem = std::move(problem)});
  }

  // The books before the first entry that is still to be looked at.
  Result<void> begin() {
    FLORIN_TRY(package_, hash_file(directory_ / kSumsFile));
    if (options_.state_file && report_.findings.empty() && go_on()) return {};
    auto position = read_opening(directory_, manifest_, accounts_, report_.findings);
    if (!position) return {};
    if (manifest_.from_seq == 0) {
      books_ = Books(lookup());
      ready_ = true;
      return {};
    }
    FLORIN_TRY(position->previous_leaf, hashes_.at(manifest_.from_seq - 1));
    if (auto books = Books::resume(std::move(*position), lookup()); books.ok()) {
      books_ = std::move(books).value();
      ready_ = true;
    } else {
      fail(kOpeningBalancesFile, {}, {}, books.error().message());
    }
    return {};
  }
  Books::EntryLookup lookup() {
    return [this](std::uint64_t seq) { return earlier_.leaf(seq); };
  }

  // Goes on from the state of an interrupted run, when there is one that fits.
  bool go_on() {
    auto state = read_resume_state(*options_.state_file, package_);
    if (state.ok() && !state->has_value()) return false;
    const auto useless = [&](const std::string& why) {
      report_.notes.push_back(
          fmt::format("the state file {}; everything is verified from the beginning", why));
      return false;
    };
    if (!state.ok()) return useless(state.error().message());
    ResumeState& told = **state;
    const std::uint64_t next = told.position.next_seq;
    if (next <= manifest_.from_seq || next > manifest_.to_seq + 1 ||
        told.places.entries_done != next - manifest_.from_seq) {
      return useless("is of another period");
    }
    const auto before = hashes_.at(next - 1);
    if (!before.ok() || *before != told.position.previous_leaf) {
      return useless("is of other entries");
    }
    auto books = Books::resume(std::move(told.position), lookup());
    if (!books.ok()) return useless("contradicts itself");
    books_ = std::move(books).value();
    lines_.go_to(told.places.entries);
    accounts_.lines().go_to(told.places.accounts);
    postings_.lines().go_to(told.places.postings);
    report_.entries = saved_entries_ = told.places.entries_done;
    report_.postings = told.places.postings_done;
    evaluation_ = told.places.evaluation;
    earlier_.resume(std::move(told.places.earlier));
    report_.resumed_entries = report_.entries;
    ready_ = true;
    return true;
  }

  // Between two entries: progress, state, and whether to stop.
  Result<void> pause() {
    if (options_.progress) {
      options_.progress(Stage::entries_checked, report_.entries, manifest_.entries);
    }
    const bool stop = options_.stop && options_.stop();
    report_.interrupted = stop;
    // Large books take long to write: never more work than reading as many entries.
    const std::uint64_t step = std::max<std::uint64_t>(
        options_.state_every_entries, books_.holds().size() + books_.accounts().size());
    const bool due = stop || report_.entries - saved_entries_ >= step;
    if (!options_.state_file || !due || !report_.findings.empty()) return {};
    const ReadingPlaces places{.entries = lines_.place(),
                               .accounts = accounts_.lines().place(),
                               .postings = postings_.lines().place(),
                               .earlier = earlier_.progress(),
                               .entries_done = report_.entries,
                               .postings_done = report_.postings,
                               .evaluation = evaluation_};
    saved_entries_ = report_.entries;
    return write_resume_state(*options_.state_file,
                              encode_resume_state(package_, places, books_.position()));
  }

  // One line of entries.jsonl and what follows from it. Returns what is wrong.
  std::optional<std::string> check_entry(std::uint64_t seq) {
    earlier_.note(seq, lines_.place().byte);
    const auto line = lines_.next();
    if (!line.ok()) return line.error().message();
    if (!*line) return "ends too early";
    const auto bytes = leaf_of_line(**line);
    if (!bytes.ok()) return bytes.error().message();
    const Hash32 hash = leaf_hash(*bytes);
    const auto wanted_hash = hashes_.at(seq);
    if (!wanted_hash.ok() || hash != *wanted_hash) {
      return fmt::format("the hash of the leaf is not the one in {} at byte {}", kLeafHashesFile,
                         seq * sizeof(Hash32));
    }
    const auto leaf = decode_leaf(*bytes);
    if (!leaf.ok()) return leaf.error().message();
    write_entry_line(wanted_, *leaf, *bytes, hash);
    if (**line != wanted_) return json_difference(**line, wanted_);
    const std::size_t known = books_.accounts().size();
    if (const auto good = books_.consume(*leaf, hash); !good.ok()) return good.error().message();
    if (seq == manifest_.from_seq) {
      evaluation_ = books_.evaluation();
      if (leaf->tenant.text() != manifest_.tenant || mode_name(leaf->mode) != manifest_.mode) {
        return "tenant or mode is not that of the manifest";
      }
    }
    for (std::size_t i = known; i < books_.accounts().size(); ++i) {
      accounts_.expect(account_line(books_.accounts()[i]), seq);
    }
    for (std::size_t i = 1; i <= leaf->postings.size() && !postings_.failed(); ++i) {
      write_posting_line(wanted_, *leaf, i);
      postings_.expect(wanted_, seq);
    }
    report_.postings += leaf->postings.size();
    return std::nullopt;
  }

  void finish() {
    if (const auto more = lines_.next(); !more.ok() || more->has_value()) {
      fail(kEntriesFile, lines_.number(), {}, "has a line too many");
    }
    if (const auto good = earlier_.finish(manifest_.earlier_entries); !good.ok()) {
      fail(kEarlierEntriesFile, {}, {}, good.error().message());
    }
    TableReader balances(directory_, kTrialBalanceFile, kBalancesHeader, report_.findings);
    for (const AccountState& account : books_.accounts()) balances.expect(balance_line(account));
    for (TableReader* const table : {&accounts_, &postings_, &balances}) table->expect_end();
    report_.accounts = books_.accounts().size();
    if (report_.postings != manifest_.postings || report_.accounts != manifest_.accounts) {
      fail(kManifestFile, {}, {}, "the number of postings or accounts is not that of the leaves");
    }
    report_.evaluation_proven = evaluation_.has_value();
    if (evaluation_ && *evaluation_ != manifest_.evaluation) {
      fail(kManifestFile, {}, {}, "\"evaluation\" is not what the genesis entry says");
    }
  }

  const std::filesystem::path& directory_;
  const Manifest& manifest_;
  const PackageOptions& options_;
  Report& report_;
  LeafHashes hashes_;
  EarlierEntries earlier_;
  TableReader accounts_;
  TableReader postings_;
  LineReader lines_;
  Books books_;
  bool ready_ = false;
  Hash32 package_{};
  std::optional<bool> evaluation_;
  std::uint64_t saved_entries_ = 0;
  std::string wanted_;
};

}  // namespace

Result<void> check_entries(const std::filesystem::path& directory, const Manifest& manifest,
                           const PackageOptions& options, Report& report) {
  return EntriesCheck(directory, manifest, options, report).run();
}

}  // namespace florin::verify
