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

Uuid id(std::uint8_t number) {
  Uuid out;
  out.bytes[0] = 1;
  out.bytes[15] = number;
  return out;
}

Journal::Journal(bool evaluation) {
  Leaf genesis;
  genesis.type = kGenesisType;
  genesis.origin = Origin::system;
  genesis.flags = evaluation ? kFlagEvaluation : 0;
  add(std::move(genesis));
}

void Journal::add(Leaf leaf) {
  leaf.seq = leaves.size();
  leaf.tenant = id(200);
  leaf.mode = Mode::live;
  leaf.booked_at = 1'795'000'000'000'000'000 + static_cast<std::int64_t>(leaf.seq) * 1'234'567'891;
  leaf.effective_day = 20775;
  leaf.entry_id = id(static_cast<std::uint8_t>(leaf.seq + 1));
  leaf.previous_leaf = hashes.empty() ? Hash32{} : hashes.back();
  leaf.body_commitment = sha256(view_of("body"));
  totals_.resize(totals_.size() + leaf.openings.size());
  for (Posting& posting : leaf.postings) {
    Totals& totals = totals_.at(posting.account - 1);
    posting.asset = 978;
    posting.party = id(201);
    posting.previous = totals.last;
    posting.total = totals.of(posting.side, posting.layer) += posting.amount;
  }
  for (const Posting& posting : leaf.postings) totals_[posting.account - 1].last = leaf.seq + 1;
  bytes.push_back(encode_leaf(leaf));
  hashes.push_back(leaf_hash(bytes.back()));
  leaves.push_back(std::move(leaf));
}

void Journal::add_payment(std::uint8_t number, std::uint64_t amount, std::uint64_t captured) {
  Leaf hold;
  hold.type = 3;
  hold.subject = id(number);
  hold.actor = Actor{ActorKind::credential, id(210)};
  if (totals_.empty()) {
    hold.openings = {{1, 9100, 978, 2, id(202), 0}, {2, 9101, 978, 2, id(202), 0}};
  }
  hold.postings = {{1, amount, 0, Side::debit, Layer::pending, {}, 0, 0},
                   {2, amount, 0, Side::credit, Layer::pending, {}, 0, 0}};
  hold.holds = {{id(number), HoldOperation::open, 978, amount}};
  add(std::move(hold));
  Leaf capture;
  capture.type = 4;
  capture.origin = Origin::fact;
  capture.subject = id(number);
  if (totals_.size() == 2) {
    capture.openings = {{3, 1100, 978, 2, id(203), 0}, {4, 2100, 978, 2, id(202), 0}};
  }
  capture.postings = {{3, captured, 0, Side::debit, Layer::posted, {}, 0, 0},
                      {4, captured, 0, Side::credit, Layer::posted, {}, 0, 0}};
  capture.holds = {{id(number), HoldOperation::capture, 978, captured}};
  add(std::move(capture));
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

// The state of accounts and holds without any check.
struct State {
  std::vector<AccountState> accounts;
  std::map<Uuid, HoldState> holds;

  void take(const Leaf& leaf) {
    for (const AccountOpening& opening : leaf.openings) {
      accounts.push_back({opening, leaf.seq, {}});
    }
    for (const Posting& posting : leaf.postings) {
      if (posting.account > accounts.size()) continue;
      Totals& totals = accounts[posting.account - 1].totals;
      totals.of(posting.side, posting.layer) += posting.amount;
      totals.last = leaf.seq + 1;
    }
    for (const HoldChange& change : leaf.holds) {
      HoldState& hold = holds[change.hold];
      hold.asset = change.asset;
      Uint128* const sums[] = {&hold.authorized, &hold.captured, &hold.released, &hold.refunded};
      *sums[static_cast<std::size_t>(change.operation) - 1] += change.amount;
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
      for (const AccountState& account : state.accounts) {
        files[kOpeningBalancesFile] += line(balance_line(account));
      }
      for (const auto& [hold, sums] : state.holds) {
        files[kOpeningHoldsFile] += line(hold_line(hold, sums));
      }
    }
    state.take(leaf);
    if (seq < parts.from_seq) continue;
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
