#pragma once
/// Three ledgers that differ in whose they are: tenant A in test and in live mode, tenant B in test
/// mode. Their commands have the same ids, so that keys of rows coincide; what they hold is marked.
#include "ledger/tables.h"
#include "sim/ledger/sim_support.h"
#include "sim/ledger/whole_content.h"

namespace florin::ledger::sim {

using Files = std::map<std::string, std::string>;  // path in the ledger's directory -> content

constexpr std::uint64_t kEntries = 12;
constexpr std::size_t kOwners = 3;

struct Owner {
  const char* marker;
  const char* root;
  std::uint64_t tenant;
  Mode mode;
  const char* origin;
};

/// A has one root for both modes here, the harder case.
constexpr std::array<Owner, kOwners> kOwner = {{
    {"MARKED-A-TEST", "root of A", 1, Mode::test, "bank.example/ledger/a/test"},
    {"MARKED-A-LIVE", "root of A", 1, Mode::live, "bank.example/ledger/a/live"},
    {"MARKED-B-TEST", "root of B", 2, Mode::test, "bank.example/ledger/b/test"},
}};

/// Numbers of ids: all three have 1 to kEntries, each has some of its own.
inline std::uint64_t own_number(std::size_t owner, std::uint64_t entry) {
  return entry % 3 == 0 ? 1000 * (owner + 1) + entry : entry;
}

inline Command marked_command(std::size_t owner, std::uint64_t entry) {
  const std::uint64_t number = own_number(owner, entry);
  const std::string marker = kOwner[owner].marker;
  const Bytes marked = to_bytes(view_of(marker));
  Command command = transfer(entry, 1000 * (owner + 1) + entry, number);
  command.subject = id_of(number % 4, 0x5B);
  command.note = marker;
  command.holds = {{id_of(number, 0xB0), HoldOperation::open, 978, 50 + owner}};
  Bytes head = {7, static_cast<std::uint8_t>(entry)};
  head.insert(head.end(), marked.begin(), marked.end());
  command.objects = {{ObjectKind{1}, id_of(number, 1), 0, marked, head}};
  command.uniques = {{UniqueTable{2}, key_of(number), marked}};
  command.idempotency =
      IdempotencyWrite{key_of(number), key_of(number + 1000), true, id_of(number), 201, 77, marked};
  command.events = {{id_of(number, 4), id_of(number % 2, 5), ObjectKind{1}, id_of(number, 1), 1,
                     "payment.captured", marked}};
  return command;
}

/// Asks for the ids of all three.
inline Questions crossed_questions() {
  Questions questions;
  for (std::size_t owner = 0; owner < kOwners; ++owner) {
    for (std::uint64_t entry = 1; entry <= kEntries; ++entry) {
      const std::uint64_t number = own_number(owner, entry);
      if (owner > 0 && number <= kEntries) continue;
      questions.objects.push_back(id_of(number, 1));
      questions.keys.push_back(number);
      questions.holds.push_back(id_of(number, 0xB0));
    }
  }
  return questions;
}

/// Everything that a ledger answers: what ContentReader asks, the outbox's data, subjects,
/// statements.
inline Content crossed_content(const Ledger& ledger, const Questions& questions) {
  Content content = ContentReader(ledger, questions).read();
  const auto fail = [&content](const std::string& question, const Error& error) {
    content.errors.insert(error.code());
    content.lines.push_back(question + ": error");
  };
  const auto events = ledger.outbox(0, 0, 10'000);
  if (!events.ok()) fail("events", events.error());
  if (events.ok()) {
    for (const OutboxEvent& event : *events) {
      content.lines.push_back("event " + to_hex(event.event.data));
    }
  }
  for (std::uint64_t subject = 0; subject < 4; ++subject) {
    const std::string question = "about " + std::to_string(subject);
    const auto about = ledger.entries_about(id_of(subject, 0x5B), {}, 1000);
    if (!about.ok()) {
      fail(question, about.error());
      continue;
    }
    std::string line = question + ":";
    for (const std::uint64_t seq : *about) line += " " + std::to_string(seq);
    content.lines.push_back(line);
  }
  for (std::uint64_t entry = 1; entry <= kEntries; ++entry) {
    const std::string question = "entry id " + std::to_string(entry);
    const auto seq = ledger.entry_seq(id_of(entry, 0xE0));
    if (!seq.ok()) fail(question, seq.error());
    if (seq.ok()) content.lines.push_back(question + ": " + std::to_string(seq->value_or(0)));
  }
  for (const std::uint64_t number : questions.keys) {
    const std::string question = "account of " + std::to_string(number);
    const auto found = ledger.account({AccountCode::merchant_payable, 978, id_of(number, 0xAA)});
    if (!found.ok()) fail(question, found.error());
    if (found.ok()) {
      const std::uint64_t total =
          found->has_value() ? static_cast<std::uint64_t>((**found).credits_posted) : 0;
      content.lines.push_back(question + ": " + std::to_string(total));
    }
  }
  for (std::uint64_t account = 1; account <= 2 * kEntries; ++account) {
    const std::string question = "statement " + std::to_string(account);
    const auto page = ledger.statement({.account = account});
    if (!page.ok()) {
      if (page.error().code() != Errc::not_found) fail(question, page.error());
      continue;
    }
    for (const StatementLine& row : page->lines) {
      content.lines.push_back(question + ": " + std::to_string(row.seq) + " " +
                              std::to_string(row.amount) + " " + to_hex(view_of(row.note)));
    }
  }
  return content;
}

inline Files collect_files(const std::filesystem::path& directory) {
  Files files;
  for (const auto& at : std::filesystem::recursive_directory_iterator(directory)) {
    const std::string name = at.path().lexically_relative(directory).string();
    if (!at.is_regular_file() || name == "lock" || name == "proj/lock.mdb") continue;
    files[name] = read_text(at.path());
  }
  return files;
}

}  // namespace florin::ledger::sim
