#include "ledger/export.h"

#include <algorithm>

#include "base/signature.h"
#include "ledger/export_assets.h"
#include "ledger/export_files.h"
#include "ledger/verify/books.h"
#include "ledger/verify/merkle.h"
#include "ledger/verify/note.h"
#include "ledger/verify/package_text.h"

namespace florin::ledger {
namespace {

constexpr std::size_t kPageEntries = 1000;

Error bad_period(const char* field, const char* message) {
  return Error(Errc::validation_failed, field, message);
}

// One pass over the whole ledger, from the genesis entry on: the books tell the balances before the
// period, and every leaf hash is needed for the root.
class Exporter {
 public:
  Exporter(const Ledger& ledger, verify::SignedNote note, std::string note_text,
           PackageDirectory& files)
      : ledger_(ledger),
        note_(std::move(note)),
        note_text_(std::move(note_text)),
        files_(files),
        books_([this](std::uint64_t seq) { return leaf_of(seq); }) {}

  Result<ExportSummary> run(const ExportRequest& request, BytesView public_key_der) {
    FLORIN_TRY_VOID(set_period(request));
    if (request.previous_checkpoint) {
      FLORIN_TRY_VOID(set_previous(*request.previous_checkpoint, public_key_der));
    }
    write_headers();
    FLORIN_TRY_VOID(walk());
    if (tree_.root() != note_.checkpoint.root) {
      return Error(Errc::ledger_mismatch, {}, "The entries do not lead to the signed root.");
    }
    write_small_files(public_key_der);
    ExportSummary summary;
    FLORIN_TRY(summary.sums_sha256, files_.publish());
    summary.from_seq = manifest_.from_seq;
    summary.to_seq = manifest_.to_seq;
    summary.size = manifest_.size;
    summary.root = manifest_.root;
    summary.entries = manifest_.entries;
    summary.postings = manifest_.postings;
    summary.accounts = manifest_.accounts;
    summary.bytes = files_.bytes();
    summary.directory = request.directory;
    return summary;
  }

 private:
  Result<void> set_period(const ExportRequest& request) {
    const verify::Checkpoint& checkpoint = note_.checkpoint;
    if (checkpoint.origin != ledger_.options().origin) {
      return bad_period("checkpoint", "The checkpoint belongs to another ledger.");
    }
    if (checkpoint.size == 0) return bad_period("checkpoint", "The checkpoint covers no entry.");
    manifest_.size = checkpoint.size;
    manifest_.from_seq = request.from_seq.value_or(0);
    manifest_.to_seq = request.to_seq.value_or(checkpoint.size - 1);
    if (manifest_.to_seq >= checkpoint.size) {
      return bad_period("to_seq", "The signed checkpoint does not cover this entry.");
    }
    if (manifest_.from_seq > manifest_.to_seq) {
      return bad_period("from_seq", "The period ends before it begins.");
    }
    manifest_.entries = manifest_.to_seq - manifest_.from_seq + 1;
    manifest_.tenant = ledger_.options().tenant.text();
    manifest_.mode = mode_name(ledger_.options().mode);
    manifest_.origin = checkpoint.origin;
    manifest_.root = checkpoint.root;
    return {};
  }

  Result<void> set_previous(const std::string& text, BytesView public_key_der) {
    FLORIN_TRY(const verify::SignedNote previous, verify::parse_note(text));
    FLORIN_TRY_VOID(verify::verify_note(previous, public_key_der));
    if (previous.checkpoint.origin != note_.checkpoint.origin ||
        previous.checkpoint.size > note_.checkpoint.size) {
      return bad_period("previous_checkpoint", "It is not an older state of this ledger.");
    }
    previous_ = previous.checkpoint;
    files_.write(verify::kPreviousCheckpointFile, view_of(text));
    return {};
  }

  void write_headers() {
    files_.write_line(verify::kAccountsFile, std::string(verify::kAccountsHeader));
    files_.write_line(verify::kOpeningBalancesFile, std::string(verify::kBalancesHeader));
    files_.write_line(verify::kOpeningHoldsFile, std::string(verify::kHoldsHeader));
    files_.write_line(verify::kOpeningReversedFile, std::string(verify::kReversedHeader));
    files_.write(verify::kEarlierEntriesFile, {});  // often stays empty, but is there
    files_.write_line(verify::kPostingsFile, std::string(verify::kPostingsHeader));
    files_.write_line(verify::kTrialBalanceFile, std::string(verify::kBalancesHeader));
  }

  Result<EntryView> entry_at(std::uint64_t seq) const {
    FLORIN_TRY(std::vector<EntryView> found, ledger_.entries(seq, 1));
    if (found.size() == 1 && found[0].seq == seq) return std::move(found[0]);
    return Error(Errc::ledger_corrupt, {}, "A reversed entry cannot be read.",
                 "entry " + std::to_string(seq));
  }
  Result<verify::Leaf> leaf_of(std::uint64_t seq) const {
    FLORIN_TRY(const EntryView entry, entry_at(seq));
    return verify::decode_leaf(entry.leaf);
  }

  Result<void> walk() {
    FLORIN_TRY_VOID(check_previous());
    while (tree_.size() < manifest_.size) {
      const std::size_t wanted =
          std::min<std::uint64_t>(kPageEntries, manifest_.size - tree_.size());
      FLORIN_TRY(const std::vector<EntryView> page, ledger_.entries(tree_.size(), wanted));
      if (page.empty()) {
        return Error(Errc::unavailable, {}, "Not all signed entries can be read yet; try again.");
      }
      for (const EntryView& entry : page) {
        if (tree_.size() < manifest_.size) FLORIN_TRY_VOID(take(entry));
      }
    }
    return {};
  }

  Result<void> take(const EntryView& entry) {
    const std::uint64_t seq = tree_.size();
    const Hash32 hash = verify::leaf_hash(entry.leaf);
    if (entry.seq != seq || hash != entry.leaf_hash) {
      return Error(Errc::ledger_corrupt, {}, "A stored leaf does not have its stored hash.",
                   "entry " + std::to_string(seq));
    }
    FLORIN_TRY(const verify::Leaf leaf, verify::decode_leaf(entry.leaf));
    if (seq == manifest_.from_seq) write_opening();
    const std::size_t known = books_.accounts().size();
    FLORIN_TRY_VOID(books_.consume(leaf, hash));
    tree_.append(hash);
    files_.write(verify::kLeafHashesFile, hash);
    if (seq >= manifest_.from_seq && seq <= manifest_.to_seq) {
      FLORIN_TRY_VOID(write_reversed(leaf));
      write_entry(leaf, entry, known);
    }
    if (seq == manifest_.to_seq) write_closing();
    return check_previous();
  }

  // When the tree has the size of the older checkpoint it must have its root.
  Result<void> check_previous() const {
    if (!previous_ || previous_->size != tree_.size() || previous_->root == tree_.root()) return {};
    return Error(Errc::ledger_mismatch, "previous_checkpoint",
                 "The ledger does not continue the older checkpoint.");
  }

  void write_opening() {
    const verify::Position& position = books_.position();
    manifest_.opening_accounts = position.accounts.size();
    manifest_.opening_holds = position.holds.size();
    manifest_.opening_reversed = position.reversed.size();
    if (position.next_seq > 0) manifest_.opening_booked_at = position.booked_at;
    manifest_.opening_clock = position.clock;
    manifest_.opening_locked_through = position.locked_through;
    manifest_.opening_recovering = position.recovering;
    for (const verify::AccountState& account : position.accounts) {
      files_.write_line(verify::kAccountsFile, verify::account_line(account));
      files_.write_line(verify::kOpeningBalancesFile, verify::balance_line(account));
    }
    std::vector<const verify::HoldMap::value_type*> holds;
    holds.reserve(position.holds.size());
    for (const auto& row : position.holds) holds.push_back(&row);
    std::sort(holds.begin(), holds.end(),
              [](const auto* one, const auto* other) { return one->first < other->first; });
    for (const auto* row : holds) {
      files_.write_line(verify::kOpeningHoldsFile, verify::hold_line(row->first, row->second));
    }
    for (const std::uint64_t seq : position.reversed) {
      files_.write_line(verify::kOpeningReversedFile, std::to_string(seq));
    }
  }

  // An entry before the period, which the reader needs to see what a reversal takes back.
  Result<void> write_reversed(const verify::Leaf& leaf) {
    if (!leaf.reverses || leaf.reverses->seq >= manifest_.from_seq) return {};
    FLORIN_TRY(const EntryView entry, entry_at(leaf.reverses->seq));
    FLORIN_TRY(const verify::Leaf reversed, verify::decode_leaf(entry.leaf));
    files_.write_line(verify::kEarlierEntriesFile, verify::entry_line(reversed, entry.leaf));
    ++manifest_.earlier_entries;
    return {};
  }

  void write_entry(const verify::Leaf& leaf, const EntryView& entry, std::size_t known) {
    files_.write_line(verify::kEntriesFile, verify::entry_line(leaf, entry.leaf));
    for (std::size_t i = 1; i <= leaf.postings.size(); ++i) {
      files_.write_line(verify::kPostingsFile, verify::posting_line(leaf, i));
    }
    for (std::size_t i = known; i < books_.accounts().size(); ++i) {
      files_.write_line(verify::kAccountsFile, verify::account_line(books_.accounts()[i]));
    }
    manifest_.postings += leaf.postings.size();
  }

  void write_closing() {
    manifest_.accounts = books_.accounts().size();
    for (const verify::AccountState& account : books_.accounts()) {
      files_.write_line(verify::kTrialBalanceFile, verify::balance_line(account));
    }
  }

  void write_small_files(BytesView public_key_der) {
    manifest_.evaluation = books_.evaluation().value_or(false);
    files_.write(verify::kManifestFile, view_of(verify::manifest_text(manifest_)));
    files_.write(verify::kCheckpointFile, view_of(note_text_));
    files_.write(verify::kCheckpointBodyFile, view_of(note_.text));
    files_.write(verify::kCheckpointSignatureFile, note_.signature_der);
    files_.write(verify::kPublicKeyFile, view_of(public_key_pem(public_key_der)));
    files_.write("README.txt", export_readme());
    files_.write("checks.sql", export_checks_sql());
    files_.write("verify.py", export_verify_py());
  }

  const Ledger& ledger_;
  verify::SignedNote note_;
  std::string note_text_;
  PackageDirectory& files_;
  verify::Manifest manifest_;
  verify::Books books_;
  verify::CompactRange tree_;
  std::optional<verify::Checkpoint> previous_;
};

}  // namespace

Result<ExportSummary> export_package(const Ledger& ledger, const ExportRequest& request,
                                     BytesView public_key_der, const std::string& signed_note) {
  FLORIN_TRY(verify::SignedNote note, verify::parse_note(signed_note));
  FLORIN_TRY_VOID(verify::verify_note(note, public_key_der));
  FLORIN_TRY(const std::unique_ptr<PackageDirectory> files,
             PackageDirectory::create(request.directory));
  return Exporter(ledger, std::move(note), signed_note, *files).run(request, public_key_der);
}

}  // namespace florin::ledger
