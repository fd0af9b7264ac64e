// Static files after c2sp.org/tlog-tiles; tests/interop/tlog has them judged by somebody else.
#include "ledger/tlog_export.h"

#include <fstream>
#include <set>

#include "ledger/merkle.h"
#include "ledger/tiles.h"
#include "ledger/verify/note.h"
#include "ledger_fixture.h"

namespace florin::ledger::tlog_export_test {
namespace {

class TlogExportTest : public LedgerTest {
 protected:
  void fill(std::uint64_t count) {
    open();
    std::vector<Command> commands;
    for (std::uint64_t i = 1; i <= count; ++i) commands.push_back(command_of(i));
    for (const auto& result : ledger_->append(std::move(commands))) ASSERT_TRUE(result.ok());
    ASSERT_TRUE(ledger_->checkpoint(signer_).ok());
    note_ = **ledger_->last_checkpoint();
  }
  static Bytes bytes_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    return to_bytes(view_of(text));
  }
  std::set<std::string> names(const std::filesystem::path& directory) const {
    std::set<std::string> out;
    for (const auto& at : std::filesystem::recursive_directory_iterator(directory)) {
      if (at.is_regular_file()) out.insert(at.path().lexically_relative(directory).string());
    }
    return out;
  }

  test::TempDir out_;
  test::TestSigner signer_;
  std::string note_;
};

TEST_F(TlogExportTest, FilesAreThoseOfTheStandard) {
  fill(599);
  const auto made = export_tlog(*ledger_, out_.path() / "log", signer_.public_key_der(), note_);
  ASSERT_TRUE(made.ok()) << made.error().to_log();
  EXPECT_EQ(made->size, 600U);
  EXPECT_EQ(made->root, ledger_->head().root);
  EXPECT_EQ(names(out_.path() / "log"),
            (std::set<std::string>{"checkpoint", "key.vkey", "pub.pem", "tile/0/000", "tile/0/001",
                                   "tile/0/002.p/88", "tile/1/000.p/2", "tile/entries/000",
                                   "tile/entries/001", "tile/entries/002.p/88"}));
  // The second bundle hashes to the second tile.
  const Bytes entries = bytes_of(out_.path() / "log/tile/entries/001");
  ByteReader bundle(entries);
  std::vector<Hash32> hashes;
  while (bundle.ok() && !bundle.done()) {
    hashes.push_back(merkle_leaf_hash(bundle.raw(bundle.u16_be())));
  }
  ASSERT_EQ(hashes.size(), kTileHashes);
  EXPECT_EQ(encode_tile(hashes), bytes_of(out_.path() / "log/tile/0/001"));
  const Bytes above = bytes_of(out_.path() / "log/tile/1/000.p/2");
  EXPECT_EQ(encode_tile(std::vector{tile_root(hashes)}), Bytes(above.begin() + 32, above.end()));
  // A second time the same bytes, a third time into the same place not at all.
  ASSERT_TRUE(export_tlog(*ledger_, out_.path() / "two", signer_.public_key_der(), note_).ok());
  for (const std::string& name : names(out_.path() / "log")) {
    EXPECT_EQ(bytes_of(out_.path() / "log" / name), bytes_of(out_.path() / "two" / name)) << name;
  }
  EXPECT_EQ(
      export_tlog(*ledger_, out_.path() / "two", signer_.public_key_der(), note_).error().code(),
      Errc::validation_failed);
}

TEST_F(TlogExportTest, AWholeNumberOfTilesHasNoUnfinishedOnes) {
  fill(511);
  ASSERT_TRUE(export_tlog(*ledger_, out_.path() / "log", signer_.public_key_der(), note_).ok());
  EXPECT_EQ(names(out_.path() / "log"),
            (std::set<std::string>{"checkpoint", "key.vkey", "pub.pem", "tile/0/000", "tile/0/001",
                                   "tile/1/000.p/2", "tile/entries/000", "tile/entries/001"}));
}

TEST_F(TlogExportTest, NothingIsLeftWhenItFails) {
  fill(3);
  const test::TestSigner other;
  EXPECT_EQ(
      export_tlog(*ledger_, out_.path() / "log", other.public_key_der(), note_).error().code(),
      Errc::signature_invalid);
  // A note of the key, but of other entries.
  const verify::Checkpoint wrong{options().origin, 4, Hash32{}};
  const std::string note = verify::format_note(
      wrong, signer_.public_key_der(), *signer_.sign(view_of(verify::checkpoint_text(wrong))));
  EXPECT_EQ(
      export_tlog(*ledger_, out_.path() / "log", signer_.public_key_der(), note).error().code(),
      Errc::ledger_mismatch);
  EXPECT_TRUE(std::filesystem::is_empty(out_.path()));
}

TEST(TlogPaths, NumbersAreSpelledAsInTheStandard) {
  EXPECT_EQ(tlog_number_path(0), "000");
  EXPECT_EQ(tlog_number_path(67), "067");
  EXPECT_EQ(tlog_number_path(1000), "x001/000");
  EXPECT_EQ(tlog_number_path(1'234'067), "x001/x234/067");
}

}  // namespace
}  // namespace florin::ledger::tlog_export_test
