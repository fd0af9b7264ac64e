#include "support/memory_ledger/judge.h"

#include "support/memory_ledger/canonical_command.h"

namespace florin::ledger::model {
namespace {

constexpr std::size_t kSealedBodyBytes = std::size_t{64} * 1024;

void write_header(const Books& books, const Command& command, UnixNanos booked_at,
                  verify::Leaf& leaf) {
  leaf.type = static_cast<std::uint8_t>(command.type);
  leaf.seq = books.entries.size();
  leaf.origin = static_cast<verify::Origin>(command.origin);
  leaf.booked_at = booked_at;
  leaf.entry_id = command.entry_id;
  leaf.subject = command.subject;
  leaf.note = command.note;
  leaf.actor = verify::Actor{static_cast<verify::ActorKind>(command.actor.kind), command.actor.id};
  leaf.fingerprint = command_digest(command);
  if (!books.entries.empty()) {
    leaf.tenant = books.entries.front().leaf.tenant;
    leaf.mode = books.entries.front().leaf.mode;
    leaf.previous_leaf = books.entries.back().hash;
  }
}

// After a restore only what is audited, what happened elsewhere, and the reopening itself.
void check_recovering(const Books& books, const Command& command, Draft& draft) {
  if (!books.state.recovering) return;
  if (command.type == EntryType::audit || command.type == EntryType::recovery) return;
  if (command.origin == Origin::command) draft.refuse(Errc::ledger_recovering, "");
  if (command.origin == Origin::system) draft.open_question("the system's entries in recovery");
}

}  // namespace

Verdict judge(const Books& books, const Command& command, UnixNanos booked_at) {
  Verdict verdict;
  Draft& draft = verdict.draft;
  draft.state = books.state;
  write_header(books, command, booked_at, draft.leaf);
  check_form(command, draft);
  if (!draft.good()) return verdict;
  if (command.type == EntryType::genesis) {
    draft.refuse(Errc::validation_failed, "type");
    return verdict;
  }
  const auto same = books.ids.find(command.entry_id);
  if (same != books.ids.end()) {
    const verify::Leaf& leaf = books.entries.at(same->second).leaf;
    if (leaf.fingerprint == draft.leaf.fingerprint) {
      verdict.duplicate = Receipt{leaf.seq, leaf.booked_at, true};
    } else {
      draft.refuse(Errc::duplicate_entry, "entry_id");
    }
    return verdict;
  }
  check_recovering(books, command, draft);
  if (!draft.good()) return verdict;
  check_keys(books, command, draft);
  check_type(books, command, draft);
  if (command.type == EntryType::reversal) {
    fill_reversal(books, command, draft);
  } else if (command.type == EntryType::expiry) {
    fill_expiry(books, command, draft);
  } else {
    fill_from_command(books, command, draft);
  }
  check_day(books, command, draft);
  post(books, command, draft);
  change_holds(books, command, draft);
  check_sizes(command, draft);
  return verdict;
}

namespace {

// FORMAT.md, "Leaf": the header, postings, and four bytes before each TLV.
void check_leaf_size(const verify::Leaf& leaf, Draft& draft) {
  std::size_t bytes = 160 + 64 * leaf.postings.size();
  std::size_t count = 0;
  const auto add = [&](std::size_t times, std::size_t length) {
    bytes += times * (4 + length);
    count += times;
  };
  add(leaf.openings.size(), 40);
  add(leaf.holds.size(), 40);
  add(1, 17);
  add(leaf.flags != 0 ? 1 : 0, 4);
  add(leaf.note.empty() ? 0 : 1, leaf.note.size());
  add(leaf.account_flags.size(), 16);
  add(leaf.redirections.size(), 16);
  add(leaf.meant_day.has_value() ? 1 : 0, 4);
  add(leaf.reverses.has_value() ? 1 : 0, 24);
  add(leaf.approvals.size(), 48);
  add(leaf.lock_through.has_value() ? 1 : 0, 4);
  add(leaf.clock.has_value() ? 1 : 0, 8);
  add(leaf.recovery.has_value() ? 1 : 0, 48);
  if (bytes > verify::kMaxLeafBytes || count > 255) draft.refuse(Errc::ledger_limit, "leaf");
}

// FORMAT.md, "Body".
std::size_t body_size(const Command& command) {
  std::size_t bytes = 33;
  for (const ObjectWrite& write : command.objects) {
    bytes += 6 + 26 + (write.immutable.has_value() ? 4 + write.immutable->size() : 0) + 4 +
             write.head.size();
  }
  for (const UniqueWrite& write : command.uniques) bytes += 6 + 17 + 4 + write.value.size();
  if (command.idempotency.has_value()) bytes += 6 + 59 + 4 + command.idempotency->body.size();
  for (const Event& event : command.events) {
    bytes += 6 + 65 + 4 + event.type.size() + 4 + event.data.size();
  }
  return bytes;
}

}  // namespace

void check_sizes(const Command& command, Draft& draft) {
  check_leaf_size(draft.leaf, draft);
  if (body_size(command) > kSealedBodyBytes) draft.refuse(Errc::ledger_limit, "body");
}

}  // namespace florin::ledger::model
