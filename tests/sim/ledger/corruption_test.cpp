// A ledger's files are damaged in every way a disk, a file system or a wrong restore can damage
// them. It must refuse, or serve exactly what was written: no wrong answer, no crash, no hang.
#include <functional>

#include "base/log.h"
#include "child.h"
#include "whole_content.h"

namespace florin::ledger::sim {
namespace {

using Files = std::map<std::string, std::string>;  // path in the ledger's directory -> content

constexpr std::uint64_t kEntries = 300;
constexpr std::size_t kPageBytes = 4096;
constexpr std::size_t kSectorBytes = 512;
constexpr unsigned kLimit_s = 120;
constexpr std::string_view kDatabase = "proj/data.mdb";

enum class Outcome : std::uint8_t {
  served = 10,      // everything as it was written
  refused = 11,     // the start was refused, with one of the codes for damage
  read_error = 12,  // served, but some reads answer with such an error
  wrong = 13,       // an answer differs: never
  odd_error = 14,   // an error that does not speak of damage: never
  crashed = 15,     // never
  hung = 16,        // never
};

const char* name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::served:
      return "served";
    case Outcome::refused:
      return "refused";
    case Outcome::read_error:
      return "read error";
    case Outcome::wrong:
      return "WRONG";
    case Outcome::odd_error:
      return "ODD ERROR";
    case Outcome::crashed:
      return "CRASHED";
    case Outcome::hung:
      return "HUNG";
  }
  return "?";
}

bool speaks_of_damage(Errc code) {
  return code == Errc::ledger_corrupt || code == Errc::ledger_mismatch ||
         code == Errc::decryption_failed || code == Errc::io_failure;
}

class Corruption : public LedgerTest {
 protected:
  void SetUp() override {
    prefer_memory_for_scratch();
    set_log_level(LogLevel::error);
    seed_ = seed_of_run();
    random_.seed(seed_);
    scratch_.emplace();
    ledger_directory_ = scratch_->path() / "epoch-1";
    std::filesystem::create_directories(ledger_directory_);
    ASSERT_NO_FATAL_FAILURE(build());
  }

  OpenOptions options_here() const {
    OpenOptions out = options();
    out.directory = ledger_directory_;
    out.map_bytes = std::uint64_t{64} << 20U;
    return out;
  }
  Result<std::unique_ptr<Ledger>> open_here() {
    return open_ledger(options_here(), keys_, projectors_, clock_, entropy_, posix_files_);
  }

  // 300 entries in groups, three segments, checkpoints, and six small segments more; the files also
  // as they were before.
  void build() {
    std::uint64_t entry = 0;
    for (int segment = 0; segment < 3; ++segment) {
      auto opened = open_here();
      ASSERT_TRUE(opened.ok()) << opened.error().to_log();
      for (int half = 0; half < 2; ++half) {
        while (entry < kEntries *
                           (2U * static_cast<unsigned>(segment) + static_cast<unsigned>(half) + 1) /
                           6) {
          std::vector<Command> commands;
          for (std::uint64_t i = 0; i <= random_() % 8; ++i) commands.push_back(command(++entry));
          for (const auto& result : (*opened)->append(std::move(commands))) {
            ASSERT_TRUE(result.ok()) << result.error().to_log();
          }
        }
        ASSERT_TRUE((*opened)->checkpoint(signer_).ok());
        if (half == 0) {
          ASSERT_TRUE((*opened)->catch_up().ok());
          older_.push_back(collect());
        }
      }
      opened->reset();
      if (segment < 2) older_.push_back(collect());
      if (segment == 2) {
        ASSERT_NO_FATAL_FAILURE(finish_in_steps());
      }
    }
    good_ = collect();
    auto opened = open_here();
    ASSERT_TRUE(opened.ok());
    const Content content = ContentReader(**opened, questions_).read();
    ASSERT_TRUE(content.errors.empty());
    reference_ = content.lines;
  }

  // The last commits one by one: their pages differ in little.
  void finish_in_steps() {
    for (std::uint64_t step = 1; step <= 6; ++step) {
      auto opened = open_here();
      ASSERT_TRUE(opened.ok()) << opened.error().to_log();
      ASSERT_TRUE((*opened)->append({transfer(10'000 + step, step, 1)}).front().ok());
      ASSERT_TRUE((*opened)->checkpoint(signer_).ok());
      opened->reset();
      if (step < 6) latest_.push_back(collect());
    }
  }

  Command command(std::uint64_t entry) {
    switch (entry % 4) {
      case 0:
        return transfer(entry, 1 + entry % 97, entry % 5);
      case 1:
        if (entry > 8) {
          // An object that exists gets another version.
          Command moved = command_of(entry);
          moved.objects = {{ObjectKind{1}, id_of(entry - 7, 1), 1, {}, Bytes{200, 1}}};
          return moved;
        }
        return command_of(entry);
      default:
        questions_.objects.push_back(id_of(entry, 1));
        questions_.keys.push_back(entry);
        questions_.holds.push_back(id_of(entry, 0xB0));
        return rich(entry);
    }
  }

  Files collect() const {
    Files files;
    for (const auto& at : std::filesystem::recursive_directory_iterator(ledger_directory_)) {
      const std::string name = at.path().lexically_relative(ledger_directory_).string();
      if (!at.is_regular_file() || name == "lock" || name == "proj/lock.mdb") continue;
      files[name] = read_text(at.path());
    }
    return files;
  }

  void lay_out(const Files& files) const {
    std::filesystem::remove_all(ledger_directory_);
    std::filesystem::create_directories(ledger_directory_);
    for (const auto& [name, text] : files) write_text(ledger_directory_ / name, text);
  }

  int serve() {
    auto opened = open_here();
    if (!opened.ok()) {
      std::printf("%s\n", opened.error().to_log().c_str());
      return static_cast<int>(speaks_of_damage(opened.error().code()) ? Outcome::refused
                                                                      : Outcome::odd_error);
    }
    const Content content = ContentReader(**opened, questions_).read();
    bool errors = false;
    for (std::size_t i = 0; i < std::max(reference_.size(), content.lines.size()); ++i) {
      const std::string got = i < content.lines.size() ? content.lines[i] : "nothing";
      const std::string wanted = i < reference_.size() ? reference_[i] : "nothing";
      if (got == wanted) continue;
      if (got.ends_with(": error")) {
        errors = true;
        continue;
      }
      std::printf("answered %.150s\ninstead of %.150s\n", got.c_str(), wanted.c_str());
      return static_cast<int>(Outcome::wrong);
    }
    for (const Errc code : content.errors) {
      if (speaks_of_damage(code)) continue;
      std::printf("error code %d\n", static_cast<int>(code));
      return static_cast<int>(Outcome::odd_error);
    }
    return static_cast<int>(errors ? Outcome::read_error : Outcome::served);
  }

  Outcome try_files(const Files& files) {
    lay_out(files);
    const ChildEnd end =
        run_in_child(scratch_->path() / "said", kLimit_s, [this] { return serve(); });
    if (end.signal == SIGALRM) return Outcome::hung;
    if (end.exit_code < 10 || end.exit_code > 14) return Outcome::crashed;
    return static_cast<Outcome>(end.exit_code);
  }

  void judge(const std::string& kind, const std::string& how, const Files& files, bool may_error) {
    const Outcome outcome = try_files(files);
    ++counts_[kind][outcome];
    ++states_;
    const bool good = outcome == Outcome::served || outcome == Outcome::refused ||
                      (may_error && outcome == Outcome::read_error);
    if (!good && ++failures_ <= 8) {
      ADD_FAILURE() << kind << " " << how << ": " << name_of(outcome) << ", seed " << seed_
                    << ", state " << states_ << "\n"
                    << read_text(scratch_->path() / "said").substr(0, 1500);
    }
  }

  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }

  // Mostly where something is written.
  std::size_t place_in(const std::string& text) {
    const std::size_t used = text.find_last_not_of('\0') + 1;
    const std::size_t bound = below(10) == 0 ? text.size() : std::min(used + 600, text.size());
    return below(std::max<std::size_t>(bound, 1));
  }

  // Damages one file; tells how.
  std::string damage(Files& files, const std::string& name) {
    std::string& text = files[name];
    const std::size_t at = place_in(text);
    const std::string where = name + " at " + std::to_string(at);
    switch (below(4)) {
      case 0:
        text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
        kind_ = "bit flip";
        break;
      case 1: {
        const std::size_t start = at / kSectorBytes * kSectorBytes;
        std::fill_n(text.begin() + static_cast<std::ptrdiff_t>(start),
                    std::min(kSectorBytes, text.size() - start), '\0');
        kind_ = "zeroed sector";
        break;
      }
      case 2: {
        const std::size_t other = place_in(text) / kPageBytes * kPageBytes;
        const std::size_t start = at / kPageBytes * kPageBytes;
        const std::string page = text.substr(start, kPageBytes);
        if (text.substr(other, kPageBytes).size() == page.size()) {
          text.replace(start, page.size(), text.substr(other, page.size()));
          text.replace(other, page.size(), page);
        }
        kind_ = "swapped pages";
        break;
      }
      default:
        text.resize(below(3) == 0 ? at / kPageBytes * kPageBytes : at);
        kind_ = "truncated";
        break;
    }
    return where;
  }

  std::string any_file(std::string_view folder) {
    std::vector<std::string> names;
    for (const auto& [name, text] : good_) {
      if (name.starts_with(folder)) names.push_back(name);
    }
    return names[below(names.size())];
  }

  // Another key for a row: nothing is cut, and the order of keys nearly always holds.
  std::string flip_key(std::string& text) {
    const std::size_t which = below(questions_.keys.size());
    const std::uint64_t number = questions_.keys[which];
    const Uuid ids[] = {id_of(number, 1), id_of(number, 0xB0), id_of(number, 0xE0), id_of(number)};
    const Uuid& id = ids[below(std::size(ids))];
    const std::string key(id.bytes.begin(), id.bytes.end());
    std::vector<std::size_t> places;
    for (std::size_t at = 0; (at = text.find(key, at)) != std::string::npos; ++at) {
      places.push_back(at);
    }
    if (places.empty()) return "nowhere";
    const std::size_t at = places[below(places.size())] + key.size() - 1;
    text[at] = static_cast<char>(text[at] ^ (1 << below(3)));
    return "byte " + std::to_string(at);
  }

  const Files& any_older() { return older_[below(older_.size())]; }

  void report() const {
    std::printf("seed %llu, %llu states\n", static_cast<unsigned long long>(seed_),
                static_cast<unsigned long long>(states_));
    for (const auto& [kind, outcomes] : counts_) {
      std::printf("  %-40s", kind.c_str());
      for (const auto& [outcome, count] : outcomes) {
        std::printf(" %s %llu", name_of(outcome), static_cast<unsigned long long>(count));
      }
      std::printf("\n");
    }
  }

  std::uint64_t seed_ = 0;
  std::mt19937_64 random_;
  std::optional<test::TempDir> scratch_;
  std::filesystem::path ledger_directory_;
  test::TestSigner signer_;
  Questions questions_;
  Files good_;
  std::vector<Files> older_;
  std::vector<Files> latest_;  // after each of the last commits but one
  std::vector<std::string> reference_;
  std::map<std::string, std::map<Outcome, std::uint64_t>> counts_;
  std::uint64_t states_ = 0;
  std::uint64_t failures_ = 0;
  std::string kind_;
};

TEST_F(Corruption, OfTheLogAndTheCheckpoints) {
  const Budget budget(std::chrono::seconds(12), 50'000);
  while (budget.allows(states_) && failures_ <= 8) {
    Files files = good_;
    const bool rebuilt = below(2) == 0;
    if (rebuilt) files.erase(std::string(kDatabase));
    const std::string suffix = rebuilt ? ", database gone" : ", database kept";
    switch (below(8)) {
      case 0: {  // a segment as it was before
        const std::string name = any_file("log/");
        const Files& older = any_older();
        if (!older.contains(name)) continue;
        files[name] = older.at(name);
        judge("older segment" + suffix, name, files, false);
        break;
      }
      case 1: {  // a stale checkpoint: fewer of them
        std::vector<std::string> notes;
        for (const auto& [name, text] : files) {
          if (name.starts_with("cp/")) notes.push_back(name);
        }
        for (std::size_t kept = below(notes.size()); kept < notes.size(); ++kept) {
          files.erase(notes[kept]);
        }
        judge("stale checkpoint" + suffix, {}, files, false);
        break;
      }
      case 2: {  // log and checkpoints older than the database
        files = any_older();
        files[std::string(kDatabase)] = good_.at(std::string(kDatabase));
        judge("directory older than database", {}, files, false);
        break;
      }
      case 3: {
        const std::string how = damage(files, any_file("cp/"));
        judge("cp: " + kind_ + suffix, how, files, false);
        break;
      }
      default: {
        const std::string how = damage(files, any_file("log/"));
        judge("log: " + kind_ + suffix, how, files, false);
        break;
      }
    }
  }
  report();
}

// Whatever happened to the database alone: without it, it is made anew from the log.
TEST_F(Corruption, OfTheDatabase) {
  const std::string name(kDatabase);
  const Budget budget(std::chrono::seconds(15), 50'000);
  Files without = good_;
  without.erase(name);
  while (budget.allows(states_) && failures_ <= 8) {
    Files files = good_;
    std::string how;
    switch (below(8)) {
      case 0:
        files[name] = any_older().at(name);
        kind_ = "older";
        break;
      case 1:
      case 2:
        how = flip_key(files[name]);
        kind_ = "another key";
        break;
      case 3:
      case 4: {  // a page whose last writes never arrived
        const bool just_before = below(3) != 0;
        const std::string& older =
            just_before ? latest_[below(latest_.size())].at(name) : any_older().at(name);
        std::vector<std::size_t> changed;
        for (std::size_t at = 2 * kPageBytes; at < older.size(); at += kPageBytes) {
          if (older.compare(at, kPageBytes, files[name], at, kPageBytes) != 0) {
            changed.push_back(at);
          }
        }
        if (changed.empty()) continue;
        const std::size_t page = changed[below(changed.size())];
        files[name].replace(page, kPageBytes, older.substr(page, kPageBytes));
        how = "page at " + std::to_string(page);
        kind_ = "older page";
        break;
      }
      default:
        how = damage(files, name);
        break;
    }
    judge("database: " + kind_, how, files, true);
    if (states_ % 8 == 0) judge("database removed after damage", how, without, false);
  }
  report();
}

}  // namespace
}  // namespace florin::ledger::sim
