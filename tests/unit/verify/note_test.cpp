#include "ledger/verify/note.h"

#include <gtest/gtest.h>

#include "base/hash.h"
#include "support/long_run.h"
#include "unit/verify/sample.h"

namespace florin::verify::note_test {
namespace {

class Note : public testing::Test {
 protected:
  sample::Key key;
  Checkpoint checkpoint{"bank.example/ledger/a/live", 42, sha256(view_of("root"))};
  std::string text = checkpoint_text(checkpoint);
  std::string note = format_note(checkpoint, key.public_der(), key.sign(view_of(text)));
};

TEST_F(Note, HasTheFormOfTheDocument) {
  EXPECT_EQ(text, "bank.example/ledger/a/live\n42\n" + to_base64(checkpoint.root) + "\n");
  EXPECT_TRUE(note.starts_with(text + "\n\xE2\x80\x94 bank.example/ledger/a/live "));
  const auto parsed = parse_note(note);
  ASSERT_TRUE(parsed.ok()) << parsed.error().message();
  EXPECT_EQ(parsed->checkpoint, checkpoint);
  EXPECT_EQ(parsed->text, text);
  const Hash32 digest = sha256(key.public_der());
  EXPECT_TRUE(std::equal(parsed->key_hash.begin(), parsed->key_hash.end(), digest.begin()));
  EXPECT_TRUE(verify_note(*parsed, key.public_der()).ok());
}

TEST_F(Note, AnotherKeyIsRefused) {
  const sample::Key other;
  EXPECT_FALSE(verify_note(*parse_note(note), other.public_der()).ok());
  // Also when the key hash was made to fit.
  const std::string forged = format_note(checkpoint, other.public_der(), key.sign(view_of(text)));
  EXPECT_FALSE(verify_note(*parse_note(forged), other.public_der()).ok());
}

TEST_F(Note, EveryBitIsProtected) {
  const Bytes der = key.public_der();
  for (std::size_t at = 0; at < note.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      if (!test::long_run() && (at + bit) % 4 != 0) continue;
      std::string changed = note;
      changed[at] = static_cast<char>(changed[at] ^ static_cast<char>(1U << bit));
      const auto parsed = parse_note(changed);
      EXPECT_FALSE(parsed.ok() && verify_note(*parsed, der).ok()) << at << " bit " << bit;
    }
  }
}

TEST_F(Note, OtherSpellingsAreRefused) {
  const std::string signature = note.substr(text.size() + 1);
  const std::string root = to_base64(checkpoint.root);
  const std::string origin = checkpoint.origin + "\n";
  for (const std::string& bad :
       {std::string(), text, note + "\n", note + signature, text + signature, "\n" + note,
        origin + "042\n" + root + "\n\n" + signature, origin + "+42\n" + root + "\n\n" + signature,
        origin + "42\n" + root + "\nextension\n\n" + signature,
        origin + "42\r\n" + root + "\n\n" + signature, note.substr(0, note.size() - 1),
        "other origin\n42\n" + root + "\n\n" + signature,
        origin + "42\n" + to_base64(Bytes(31)) + "\n\n" + signature,
        origin + "18446744073709551616\n" + root + "\n\n" + signature}) {
    EXPECT_FALSE(parse_note(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace florin::verify::note_test
