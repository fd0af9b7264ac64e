#include "unit/verify/sample.h"

#include <openssl/ec.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "base/hash.h"
#include "base/signature.h"
#include "ledger/verify/merkle.h"
#include "ledger/verify/package_text.h"

namespace florin::verify::sample {

namespace fs = std::filesystem;

Key::Key() : key_(EVP_EC_gen("P-256")) {
  FLORIN_ASSERT(key_ != nullptr);
}
Key::~Key() {
  EVP_PKEY_free(key_);
}

Bytes Key::public_der() const {
  Bytes out(static_cast<std::size_t>(i2d_PUBKEY(key_, nullptr)));
  unsigned char* at = out.data();
  i2d_PUBKEY(key_, &at);
  return out;
}

Bytes Key::sign(BytesView message) const {
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  std::size_t size = 256;
  Bytes out(size);
  FLORIN_ASSERT(EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key_) == 1);
  FLORIN_ASSERT(EVP_DigestSign(context, out.data(), &size, message.data(), message.size()) == 1);
  EVP_MD_CTX_free(context);
  out.resize(size);
  return out;
}

Uuid id(std::uint64_t number) {
  Uuid out;
  out.bytes[0] = 1;
  for (std::size_t i = 0; i < 8; ++i) {
    out.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  }
  return out;
}

Journal::Journal(bool evaluation) {
  Leaf genesis;
  genesis.type = kGenesisType;
  genesis.origin = Origin::system;
  genesis.flags = evaluation ? kFlagEvaluation : 0;
  add(std::move(genesis));
}

std::int64_t Journal::next_booked_at() const {
  return 1'795'000'000'000'000'000 + static_cast<std::int64_t>(leaves.size()) * 1'234'567'891;
}

void Journal::add(Leaf leaf) {
  leaf.seq = leaves.size();
  leaf.tenant = id(200);
  leaf.mode = Mode::live;
  leaf.booked_at = next_booked_at();
  if (leaf.effective_day == 0) leaf.effective_day = kFirstDay;
  leaf.entry_id = id(leaf.seq + 1);
  leaf.previous_leaf = hashes.empty() ? Hash32{} : hashes.back();
  leaf.body_commitment = sha256(view_of("body"));
  totals_before_ = totals_;
  carry_out(leaf);
  bytes.push_back(encode_leaf(leaf));
  hashes.push_back(leaf_hash(bytes.back()));
  leaves.push_back(std::move(leaf));
}

Journal::Journal(const Journal& other, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    leaves.push_back(other.leaves[i]);
    bytes.push_back(other.bytes[i]);
    hashes.push_back(other.hashes[i]);
    totals_before_ = totals_;
    carry_out(leaves.back());
  }
}

void Journal::carry_out(Leaf& leaf) {
  totals_.resize(totals_.size() + leaf.openings.size());
  for (Posting& posting : leaf.postings) {
    Totals& totals = totals_.at(posting.account - 1);
    posting.asset = 978;
    posting.party = id(201);
    posting.previous = totals.last;
    posting.total = totals.of(posting.side, posting.layer) += posting.amount;
  }
  for (const Posting& posting : leaf.postings) totals_[posting.account - 1].last = leaf.seq + 1;
}

void Journal::redo(const std::function<void(Leaf&)>& change) {
  Leaf leaf = leaves.back();
  leaves.pop_back();
  bytes.pop_back();
  hashes.pop_back();
  totals_ = totals_before_;
  change(leaf);
  add(std::move(leaf));
}

namespace {

Posting debit(std::uint64_t account, std::uint64_t amount, Layer layer = Layer::posted) {
  return {account, amount, 0, Side::debit, layer, {}, 0, 0};
}
Posting credit(std::uint64_t account, std::uint64_t amount, Layer layer = Layer::posted) {
  return {account, amount, 0, Side::credit, layer, {}, 0, 0};
}

}  // namespace

void Journal::add_payment(std::uint64_t number, std::uint64_t amount, std::uint64_t captured,
                          std::int64_t expires_at) {
  Leaf hold;
  hold.type = 3;
  hold.subject = id(number);
  hold.actor = Actor{ActorKind::credential, id(210)};
  if (totals_.empty()) {
    hold.openings = {{1, 9100, 978, 2, id(202), 0}, {2, 9101, 978, 2, id(202), 0}};
  }
  hold.postings = {debit(1, amount, Layer::pending), credit(2, amount, Layer::pending)};
  hold.holds = {{id(number), HoldOperation::open, 978, amount, expires_at}};
  add(std::move(hold));
  if (captured == 0) return;
  Leaf capture;
  capture.type = 4;
  capture.origin = Origin::fact;
  capture.subject = id(number);
  if (totals_.size() == 2) {
    capture.openings = {{3, 1100, 978, 2, id(203), 0}, {4, 2100, 978, 2, id(202), 0}};
  }
  capture.postings = {debit(2, captured, Layer::pending), credit(1, captured, Layer::pending),
                      debit(3, captured), credit(4, captured)};
  capture.holds = {{id(number), HoldOperation::capture, 978, captured}};
  add(std::move(capture));
}

void Journal::add_reversal(std::uint64_t seq) {
  Leaf reversal;
  reversal.type = kReversalType;
  reversal.reverses = ReversedEntry{seq, leaves[seq].entry_id};
  reversal.postings = leaves[seq].postings;
  for (Posting& posting : reversal.postings) {
    posting.side = posting.side == Side::debit ? Side::credit : Side::debit;
  }
  reversal.holds = leaves[seq].holds;
  for (HoldChange& change : reversal.holds) change.takes_back = true;
  reversal.approvals = approvals();
  add(std::move(reversal));
}

std::vector<Approval> approvals() {
  return {{id(42), sha256(view_of("request"))}, {id(43), sha256(view_of("request"))}};
}

Journal journal(bool evaluation) {
  Journal out(evaluation);
  out.add_payment(10, 10'000, 10'000);
  out.add_payment(11, 2'550, 2'000);
  out.add_payment(12, ~std::uint64_t{0}, ~std::uint64_t{0});
  out.add_payment(13, 1, 1);
  Leaf refund;
  refund.type = 6;
  refund.origin = Origin::fact;
  refund.subject = id(11);
  refund.postings = {{4, 500, 0, Side::debit, Layer::posted, {}, 0, 0},
                     {3, 500, 0, Side::credit, Layer::posted, {}, 0, 0}};
  refund.holds = {{id(11), HoldOperation::refund, 978, 500}};
  out.add(std::move(refund));
  Leaf audit;
  audit.type = 2;
  audit.origin = Origin::system;
  audit.actor = Actor{ActorKind::person, id(42)};
  audit.note = "approved \"by\" two \\ people";
  out.add(std::move(audit));
  return out;
}

namespace {

Leaf entry(std::uint8_t type, Origin origin = Origin::command) {
  Leaf out;
  out.type = type;
  out.origin = origin;
  return out;
}

Leaf flags_of(std::uint64_t account, std::uint32_t flags) {
  Leaf out = entry(kAccountType);
  out.account_flags = {{account, flags}};
  return out;
}

void add_expiring_hold(Journal& out) {
  out.add_payment(20, 700, 0, out.next_booked_at() - 5);
  Leaf increase = entry(10);
  increase.postings = {debit(1, 300, Layer::pending), credit(2, 300, Layer::pending)};
  increase.holds = {{id(20), HoldOperation::increase, 978, 300, out.next_booked_at() + 9}};
  out.add(std::move(increase));
  Leaf release = entry(5);
  release.postings = {debit(2, 400, Layer::pending), credit(1, 400, Layer::pending)};
  release.holds = {{id(20), HoldOperation::release, 978, 400}};
  out.add(std::move(release));
  Leaf clock = entry(kClockType, Origin::system);
  clock.clock = out.next_booked_at();
  out.add(std::move(clock));
  Leaf expiry = entry(kExpiryType, Origin::system);
  expiry.postings = {debit(2, 600, Layer::pending), credit(1, 600, Layer::pending)};
  expiry.holds = {{id(20), HoldOperation::expire, 978, 600}};
  out.add(std::move(expiry));
}

void add_locked_days(Journal& out) {
  Leaf lock = entry(kPeriodType);
  lock.lock_through = kFirstDay - 1;
  out.add(std::move(lock));
  Leaf late = entry(16, Origin::fact);
  late.meant_day = kFirstDay - 3;
  late.postings = {debit(3, 10), credit(4, 10)};
  out.add(std::move(late));
  Leaf adjustment = entry(kAdjustmentType);
  adjustment.effective_day = kFirstDay - 3;
  adjustment.postings = {debit(4, 10), credit(3, 10)};
  adjustment.approvals = approvals();
  out.add(std::move(adjustment));
}

void add_redirection(Journal& out) {
  out.add(flags_of(3, kAccountFrozen));
  Leaf fact = entry(16, Origin::fact);
  fact.openings = {{5, kSuspenseCode, 978, 2, {}, 0}};
  fact.postings = {debit(5, 25), credit(4, 25)};
  fact.redirections = {{0, RedirectionReason::frozen, 3}};
  out.add(std::move(fact));
  out.add(flags_of(3, 0));
}

}  // namespace

Journal long_journal(std::size_t size) {
  Journal out;
  std::uint64_t payment = 1000;
  while (out.leaves.size() + 3 <= size) {
    ++payment;
    out.add_payment(payment, 1000 + payment % 77, 500 + payment % 77);
    if (payment % 50 == 0) out.add_reversal(out.leaves.size() - 1);
  }
  while (out.leaves.size() < size) out.add(entry(2, Origin::system));
  return out;
}

Journal full_journal() {
  Journal out = journal();
  out.add(flags_of(4, kDebitsMustNotExceedCredits));
  add_expiring_hold(out);
  out.add_payment(21, 900, 900);
  out.add_reversal(kReversed);
  add_locked_days(out);
  add_redirection(out);
  out.add_reversal(9);
  Leaf child = entry(kAccountType);
  child.openings = {{6, 2130, 978, 2, id(204), 4}};
  child.account_flags = {{6, kCreditsMustNotExceedDebits | kAccountClosed}};
  out.add(std::move(child));
  Leaf restored = entry(kRecoveryType, Origin::system);
  restored.recovery = Recovery{RecoveryStep::restored, 28, sha256(view_of("root"))};
  out.add(std::move(restored));
  Leaf reopened = entry(kRecoveryType);
  reopened.recovery = Recovery{RecoveryStep::reopened, 0, {}};
  reopened.approvals = approvals();
  out.add(std::move(reopened));
  Leaf passed = entry(4, Origin::fact);
  passed.flags = kFlagLimitPassed;
  passed.postings = {debit(3, 901), credit(4, 901)};
  passed.holds = {{id(21), HoldOperation::capture, 978, 901}};
  out.add(std::move(passed));
  return out;
}

Checkpoint checkpoint_of(const Journal& journal, std::size_t size) {
  CompactRange tree;
  for (std::size_t i = 0; i < size; ++i) tree.append(journal.hashes[i]);
  return {"bank.example/ledger/sample/live", size, tree.root()};
}

std::string note_of(const Journal& journal, std::size_t size, const Key& key) {
  const Checkpoint checkpoint = checkpoint_of(journal, size);
  return format_note(checkpoint, key.public_der(), key.sign(view_of(checkpoint_text(checkpoint))));
}

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

void write_file(const fs::path& path, std::string_view content) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  FLORIN_ASSERT(out.good());
}

void seal(const fs::path& directory) {
  std::set<std::string> names;
  for (const auto& item : fs::directory_iterator(directory)) {
    names.insert(item.path().filename().string());
  }
  names.erase(std::string(kSumsFile));
  std::string sums;
  for (const std::string& name : names) {
    sums += to_hex(sha256(view_of(read_file(directory / name)))) + "  " + name + "\n";
  }
  write_file(directory / kSumsFile, sums);
}

namespace {

// The state of accounts, holds and the rest without any check.
struct State {
  std::vector<AccountState> accounts;
  std::map<Uuid, HoldState> holds;
  std::set<std::uint64_t> reversed;
  Manifest opening;

  void take(const Leaf& leaf) {
    for (const AccountOpening& opened : leaf.openings) {
      accounts.push_back({opened, leaf.seq, {}, 0});
    }
    for (const AccountFlags& change : leaf.account_flags) {
      if (change.account <= accounts.size()) accounts[change.account - 1].flags = change.flags;
    }
    for (const Posting& posting : leaf.postings) {
      if (posting.account > accounts.size()) continue;
      Totals& totals = accounts[posting.account - 1].totals;
      totals.of(posting.side, posting.layer) += posting.amount;
      totals.last = leaf.seq + 1;
    }
    for (const HoldChange& change : leaf.holds) take(leaf, change);
    if (leaf.reverses) reversed.insert(leaf.reverses->seq);
    opening.opening_booked_at = leaf.booked_at;
    if (leaf.clock) opening.opening_clock = *leaf.clock;
    if (leaf.lock_through) opening.opening_locked_through = leaf.lock_through;
    if (leaf.recovery) opening.opening_recovering = leaf.recovery->step == RecoveryStep::restored;
  }

  void take(const Leaf& leaf, const HoldChange& change) {
    HoldState& hold = holds[change.hold];
    hold.asset = change.asset;
    std::uint64_t* const sums[] = {&hold.authorized, &hold.captured,   &hold.released,
                                   &hold.refunded,   &hold.authorized, &hold.released};
    std::uint64_t& sum = *sums[static_cast<std::size_t>(change.operation) - 1];
    sum = change.takes_back ? sum - change.amount : sum + change.amount;
    if (change.expires_at != 0 && !change.takes_back) hold.expires_at = change.expires_at;
    if ((leaf.flags & kFlagLimitPassed) != 0) hold.limit_passed = true;
    std::map<std::pair<std::uint64_t, Uuid>, Int128> legs;
    for (const HoldLeg& leg : hold.legs) legs[{leg.account, leg.party}] = leg.net;
    for (const Posting& posting : leaf.postings) {
      if (posting.layer != Layer::pending) continue;
      const Int128 amount = posting.amount;
      legs[{posting.account, posting.party}] += posting.side == Side::debit ? amount : -amount;
    }
    hold.legs.clear();
    for (const auto& [key, net] : legs) {
      if (net != 0) hold.legs.push_back({key.first, key.second, net});
    }
  }
};

std::string line(std::string_view text) {
  return std::string(text) + "\n";
}

}  // namespace

void write_package(const fs::path& directory, const Journal& journal, const Key& key,
                   std::size_t size, const PackageParts& parts) {
  std::map<std::string_view, std::string> files;
  files[kAccountsFile] = line(kAccountsHeader);
  files[kPostingsFile] = line(kPostingsHeader);
  files[kTrialBalanceFile] = files[kOpeningBalancesFile] = line(kBalancesHeader);
  files[kOpeningHoldsFile] = line(kHoldsHeader);
  files[kOpeningReversedFile] = line(kReversedHeader);
  files[kEarlierEntriesFile];
  files[kEntriesFile];
  const Checkpoint checkpoint = checkpoint_of(journal, size);
  Manifest manifest;
  manifest.tenant = id(200).text();
  manifest.mode = "live";
  manifest.origin = checkpoint.origin;
  manifest.from_seq = parts.from_seq;
  manifest.to_seq = parts.to_seq;
  manifest.size = size;
  manifest.root = checkpoint.root;
  manifest.evaluation = journal.leaves[0].flags == kFlagEvaluation;
  manifest.entries = parts.to_seq - parts.from_seq + 1;
  State state;
  for (std::size_t seq = 0; seq < size; ++seq) {
    const Leaf& leaf = journal.leaves[seq];
    files[kLeafHashesFile] += text_of(journal.hashes[seq]);
    if (seq > parts.to_seq) continue;
    if (seq == parts.from_seq) {
      manifest.opening_accounts = state.accounts.size();
      manifest.opening_holds = state.holds.size();
      manifest.opening_reversed = state.reversed.size();
      manifest.opening_booked_at = state.opening.opening_booked_at;
      manifest.opening_clock = state.opening.opening_clock;
      manifest.opening_locked_through = state.opening.opening_locked_through;
      manifest.opening_recovering = state.opening.opening_recovering;
      for (const std::uint64_t reversed : state.reversed) {
        files[kOpeningReversedFile] += line(std::to_string(reversed));
      }
      for (const AccountState& account : state.accounts) {
        files[kOpeningBalancesFile] += line(balance_line(account));
      }
      for (const auto& [hold, sums] : state.holds) {
        files[kOpeningHoldsFile] += line(hold_line(hold, sums));
      }
    }
    state.take(leaf);
    if (seq < parts.from_seq) continue;
    if (leaf.reverses && leaf.reverses->seq < parts.from_seq) {
      const std::uint64_t earlier = leaf.reverses->seq;
      files[kEarlierEntriesFile] +=
          line(entry_line(journal.leaves[earlier], journal.bytes[earlier]));
      ++manifest.earlier_entries;
    }
    files[kEntriesFile] += line(entry_line(leaf, journal.bytes[seq]));
    manifest.postings += leaf.postings.size();
    for (std::size_t i = 1; i <= leaf.postings.size(); ++i) {
      files[kPostingsFile] += line(posting_line(leaf, i));
    }
  }
  manifest.accounts = state.accounts.size();
  for (const AccountState& account : state.accounts) {
    files[kAccountsFile] += line(account_line(account));
    files[kTrialBalanceFile] += line(balance_line(account));
  }
  const std::string note = note_of(journal, size, key);
  const SignedNote parsed = *parse_note(note);
  files[kManifestFile] = manifest_text(manifest);
  files[kCheckpointFile] = note;
  files[kCheckpointBodyFile] = parsed.text;
  files[kCheckpointSignatureFile] = text_of(parsed.signature_der);
  files[kPublicKeyFile] = public_key_pem(key.public_der());
  files["README.txt"] = "how to check\n";
  files["checks.sql"] = read_file(FLORIN_CHECKS_SQL);
  files["verify.py"] = read_file(FLORIN_VERIFY_PY);
  if (!parts.previous_checkpoint.empty()) {
    files[kPreviousCheckpointFile] = parts.previous_checkpoint;
  }
  fs::create_directories(directory);
  for (const auto& [name, content] : files) write_file(directory / name, content);
  seal(directory);
}

void write_package(const fs::path& directory, const Journal& journal, const Key& key) {
  write_package(directory, journal, key, journal.leaves.size(),
                {.from_seq = 0, .to_seq = journal.leaves.size() - 1});
}

TemporaryDirectory::TemporaryDirectory() {
  std::string pattern = (fs::temp_directory_path() / "florin-verify-XXXXXX").string();
  FLORIN_ASSERT(::mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace florin::verify::sample
