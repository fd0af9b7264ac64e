// Proof files: what is handed out is accepted, by this verifier and by another one, and nothing
// else.
#include "ledger/verify/entry_proof.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "base/json.h"
#include "base/signature.h"
#include "ledger/verify/merkle_prover.h"
#include "sample.h"
#include "support/temp_dir.h"

namespace florin::verify::entry_proof_test {
namespace {

class EntryProofTest : public testing::Test {
 protected:
  // Everything about the subject of entry 3, in the tree of all entries.
  EntryProofTest() {
    file_.subject = journal_.leaves[3].subject;
    const Checkpoint checkpoint = sample::checkpoint_of(journal_, journal_.bytes.size());
    file_.checkpoint =
        format_note(checkpoint, key_.public_der(), key_.sign(view_of(checkpoint_text(checkpoint))));
    file_.public_key_pem = public_key_pem(key_.public_der());
    for (std::size_t seq = 0; seq < journal_.bytes.size(); ++seq) {
      if (journal_.leaves[seq].subject != file_.subject) continue;
      file_.entries.push_back({seq, journal_.bytes[seq], inclusion_proof(journal_.hashes, seq)});
    }
  }
  static ProofReport verified(const std::string& text, const ProofOptions& options = {}) {
    auto report = verify_proof_file(text, options);
    EXPECT_TRUE(report.ok());
    return std::move(report).value();
  }
  static std::string first_problem(const ProofReport& report) {
    return report.ok() ? "" : report.findings.front().text();
  }

  const sample::Journal journal_ = sample::journal();
  const sample::Key key_;
  ProofFile file_;
};

TEST_F(EntryProofTest, WhatIsWrittenIsReadBackAndAccepted) {
  ASSERT_GE(file_.entries.size(), 1U);
  const std::string text = proof_file_text(file_);
  const auto read = parse_proof_file(text);
  ASSERT_TRUE(read.ok()) << read.error().to_log();
  EXPECT_EQ(read->subject, file_.subject);
  EXPECT_EQ(read->entries, file_.entries);
  EXPECT_EQ(proof_file_text(*read), text);
  const ProofReport report = verified(text);
  EXPECT_TRUE(report.ok()) << first_problem(report);
  EXPECT_FALSE(report.key_trusted);
  EXPECT_EQ(report.size, journal_.bytes.size());
  EXPECT_EQ(report.entries.size(), file_.entries.size());
  EXPECT_TRUE(
      verified(text, {.public_key_pem = file_.public_key_pem, .checkpoint = file_.checkpoint})
          .ok());
}

// Every part of the standard's text is of the standard alone: see check_proof.py.
TEST_F(EntryProofTest, AnotherReaderAgrees) {
  const test::TempDir directory;
  const auto path = directory.path() / "payment.proof.json";
  const auto run = [&](const ProofFile& file) {
    std::ofstream(path, std::ios::binary) << proof_file_text(file);
    const std::string command =
        "python3 -B " FLORIN_CHECK_PROOF_PY " '" + path.string() + "' >/dev/null";
    return std::system(command.c_str());  // NOLINT(*-system,*command-processor,*mt-unsafe)
  };
  EXPECT_EQ(run(file_), 0);
  ProofFile changed = file_;
  changed.entries.front().leaf.back() ^= 1;
  EXPECT_NE(run(changed), 0);
  changed = file_;
  changed.entries.front().path.back()[7] ^= 1;
  EXPECT_NE(run(changed), 0);
}

TEST_F(EntryProofTest, AnyChangeIsRefused) {
  for (std::size_t at = 0; at < file_.entries.size(); ++at) {
    for (std::size_t i = 0; i < file_.entries[at].leaf.size(); ++i) {
      ProofFile changed = file_;
      changed.entries[at].leaf[i] ^= 1;
      EXPECT_FALSE(verified(proof_file_text(changed)).ok()) << "leaf byte " << i;
    }
    for (std::size_t i = 0; i < file_.entries[at].path.size(); ++i) {
      ProofFile changed = file_;
      changed.entries[at].path[i][i % 32] ^= 1;
      EXPECT_FALSE(verified(proof_file_text(changed)).ok()) << "hash " << i;
    }
    for (std::uint64_t other = 0; other <= journal_.bytes.size(); ++other) {
      if (other == file_.entries[at].seq) continue;
      ProofFile changed = file_;
      changed.entries = {file_.entries[at]};
      changed.entries[0].seq = other;
      EXPECT_FALSE(verified(proof_file_text(changed)).ok()) << "index " << other;
    }
  }
  // A bit of each byte of the whole file.
  const std::string good = proof_file_text(file_);
  for (std::size_t i = 0; i + 1 < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    EXPECT_FALSE(verified(bad).ok()) << "byte " << i << " of " << good.size() << ": " << bad[i];
  }
}

TEST_F(EntryProofTest, EntriesOfAnotherSubjectAreRefused) {
  ProofFile file = file_;
  file.entries = {{0, journal_.bytes[0], inclusion_proof(journal_.hashes, 0)}};
  EXPECT_EQ(first_problem(verified(proof_file_text(file))),
            "proofs (entry 0): the entry is about something else");
}

TEST_F(EntryProofTest, KeysAndCheckpointsFromElsewhereDecide) {
  const sample::Key other;
  const std::string text = proof_file_text(file_);
  const ProofReport wrong_key =
      verified(text, {.public_key_pem = public_key_pem(other.public_der())});
  EXPECT_TRUE(wrong_key.key_trusted);
  EXPECT_EQ(first_problem(wrong_key), "checkpoint: signed with another key");
  // The state of another time, well signed.
  const Checkpoint older = sample::checkpoint_of(journal_, journal_.bytes.size() - 1);
  const std::string note =
      format_note(older, key_.public_der(), key_.sign(view_of(checkpoint_text(older))));
  EXPECT_EQ(first_problem(verified(text, {.checkpoint = note})),
            "checkpoint: is not the state of the checkpoint given (size " +
                std::to_string(older.size) + ", here " + std::to_string(older.size + 1) + ")");
  EXPECT_EQ(verify_proof_file(text, {.checkpoint = "nonsense"}).error().code(),
            Errc::malformed_value);
  EXPECT_EQ(verify_proof_file(text, {.public_key_pem = "nonsense"}).error().code(),
            Errc::malformed_value);
}

TEST_F(EntryProofTest, FormsThatAreNoProof) {
  const auto field_of = [](const std::string& text) {
    const auto file = parse_proof_file(text);
    return file.ok() ? "accepted" : file.error().field();
  };
  EXPECT_EQ(parse_proof_file("{").error().code(), Errc::malformed_json);
  EXPECT_EQ(field_of("{}"), "/format");
  EXPECT_EQ(field_of("[]"), "/format");
  json::object good = json::parse(proof_file_text(file_))->as_object();
  const auto with = [&](std::string_view name, const json::value& value) {
    json::object changed = good;
    changed[name] = value;
    return json::write(changed);
  };
  EXPECT_EQ(field_of(with("format", "ledger-proof/2")), "/format");
  EXPECT_EQ(field_of(with("more", 1)), "/");
  EXPECT_EQ(field_of(with("subject", "x")), "/subject");
  EXPECT_EQ(field_of(with("public_key", 5)), "/public_key");
  EXPECT_EQ(field_of(with("proofs", json::array())), "/proofs");
  EXPECT_EQ(field_of(with("proofs", json::array(kMaxProofEntries + 1))), "/proofs");
  EXPECT_EQ(field_of(with("proofs", json::array{1})), "/proofs/0");
  const json::value& first = good["proofs"].as_array()[0];
  EXPECT_EQ(field_of(with("proofs", json::array{first, first})), "/proofs/1");
  EXPECT_EQ(field_of(with("proofs", json::array{"c2sp.org/tlog-proof@v2\n"})), "/proofs/0");
  EXPECT_EQ(field_of(with("proofs", json::array{"c2sp.org/tlog-proof@v1\nindex 3\n\n"})),
            "/proofs/0");
}

}  // namespace
}  // namespace florin::verify::entry_proof_test
