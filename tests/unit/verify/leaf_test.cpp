#include "ledger/verify/leaf.h"

#include <gtest/gtest.h>

#include <random>

#include "support/long_run.h"
#include "unit/verify/sample.h"

namespace florin::verify::leaf_test {
namespace {

std::string repeat(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

// Assembled by hand from FORMAT.md: 160 + 64 + 44 + 44 + 21 + 8 + 7 = 348 bytes.
std::string golden_hex() {
  return std::string("464c") + "01" + "04" + "5c010000" +  // magic, format, type, length 348
         "0807060504030201" +                              // seq
         repeat("aa", 16) + "02" + "01" + "01" + "05" +    // tenant, live, fact, 1 posting, 5 TLVs
         "feffffff" + "15cd5b0700000000" +                 // day -2, booked at 123456789
         repeat("bb", 16) + repeat("cc", 16) +             // entry, subject
         repeat("d0", 32) + repeat("d1", 32) +             // leaf before, body
         repeat("d2", 16) +                                // fingerprint
         "0300000000000000" + "e803000000000000" +         // account 3, amount 1000
         "d203" + "01" + "01" + "00000000" +               // asset 978, credit, pending
         repeat("ee", 16) + "0900000000000000" +           // party, touched by entry 8
         "ffffffffffffffff" + "0100000000000000" +         // total 2^65 - 1
         "0100" + "2800" + "0300000000000000" + "3408" + "d203" + "02" + "000000" +
         repeat("11", 16) + "0100000000000000" +  // account 3 opened, code 2100, parent 1
         "0200" + "2800" + repeat("22", 16) + "02" + "00" + "d203" + "00000000" +
         "e803000000000000" + "0000000000000000" +    // hold captured
         "0300" + "1100" + "02" + repeat("33", 16) +  // a person
         "0400" + "0400" + "02000000" +               // limit passed
         "0500" + "0300" + "6f6b7e";                  // "ok~"
}

TEST(Leaf, GoldenBytes) {
  const Bytes bytes = *from_hex(golden_hex());
  ASSERT_EQ(bytes.size(), 348U);
  const auto leaf = decode_leaf(bytes);
  ASSERT_TRUE(leaf.ok()) << leaf.error().message();
  EXPECT_EQ(leaf->type, 4);
  EXPECT_EQ(leaf->seq, 0x0102030405060708U);
  EXPECT_EQ(leaf->tenant, Uuid::from(Bytes(16, 0xAA)));
  EXPECT_EQ(leaf->mode, Mode::live);
  EXPECT_EQ(leaf->origin, Origin::fact);
  EXPECT_EQ(leaf->effective_day, -2);
  EXPECT_EQ(leaf->booked_at, 123456789);
  EXPECT_EQ(leaf->previous_leaf[0], 0xD0);
  EXPECT_EQ(leaf->body_commitment[31], 0xD1);
  EXPECT_EQ(leaf->fingerprint[0], 0xD2);
  ASSERT_EQ(leaf->postings.size(), 1U);
  const Posting posting{3,
                        1000,
                        978,
                        Side::credit,
                        Layer::pending,
                        Uuid::from(Bytes(16, 0xEE)),
                        9,
                        (Uint128{1} << 65U) - 1};
  EXPECT_TRUE(leaf->postings[0] == posting);
  ASSERT_EQ(leaf->openings.size(), 1U);
  const AccountOpening opening{3, 2100, 978, 2, Uuid::from(Bytes(16, 0x11)), 1};
  EXPECT_TRUE(leaf->openings[0] == opening);
  ASSERT_EQ(leaf->holds.size(), 1U);
  const HoldChange change{Uuid::from(Bytes(16, 0x22)), HoldOperation::capture, 978, 1000};
  EXPECT_TRUE(leaf->holds[0] == change);
  EXPECT_EQ(leaf->actor->kind, ActorKind::person);
  EXPECT_EQ(leaf->flags, kFlagLimitPassed);
  EXPECT_EQ(leaf->note, "ok~");
  EXPECT_EQ(to_hex(encode_leaf(*leaf)), golden_hex());
}

TEST(Leaf, EveryByteValueAtEveryPlaceIsCanonicalOrRefused) {
  const Bytes golden = *from_hex(golden_hex());
  std::size_t refused = 0;
  // The quick size takes another tenth of all values at each place, and the edges everywhere.
  const unsigned step = test::quick_or_long(10U, 1U);
  for (std::size_t at = 0; at < golden.size(); ++at) {
    for (unsigned value = 0; value < 256; ++value) {
      const bool edge = value < 3 || value == 0x7F || value == 0x80 || value == 0xFF;
      if (!edge && (value + at) % step != 0) continue;
      Bytes bytes = golden;
      bytes[at] = static_cast<std::uint8_t>(value);
      const auto leaf = decode_leaf(bytes);
      if (!leaf.ok()) {
        ++refused;
      } else {
        ASSERT_EQ(encode_leaf(*leaf), bytes) << "byte " << at << " value " << value;
      }
    }
  }
  EXPECT_GT(refused, 40U * 255U / step);
}

TEST(Leaf, TruncatedAndPaddedLeavesAreRefused) {
  Bytes golden = *from_hex(golden_hex());
  for (std::size_t cut = 0; cut < golden.size(); ++cut) {
    EXPECT_FALSE(decode_leaf(BytesView(golden).first(cut)).ok()) << cut;
    // Also with a length that fits.
    if (cut < 8) continue;
    Bytes shorter(golden.begin(), golden.begin() + static_cast<std::ptrdiff_t>(cut));
    shorter[4] = static_cast<std::uint8_t>(cut);
    shorter[5] = static_cast<std::uint8_t>(cut >> 8U);
    EXPECT_FALSE(decode_leaf(shorter).ok()) << cut;
  }
  golden.push_back(0);
  EXPECT_FALSE(decode_leaf(golden).ok());
  golden[4] = static_cast<std::uint8_t>(golden.size());
  EXPECT_FALSE(decode_leaf(golden).ok());
}

TEST(Leaf, ErrorsNameTheByte) {
  Bytes bytes = *from_hex(golden_hex());
  bytes[181] = 1;  // reserved bytes of the posting
  EXPECT_EQ(decode_leaf(bytes).error().message(), "leaf byte 181: a reserved byte is not zero");
  bytes[181] = 0;
  bytes[32] = 3;
  EXPECT_EQ(decode_leaf(bytes).error().message(), "leaf byte 32: mode 3 is not known");
}

TEST(Leaf, TagsMayRepeatOnlyForAccountsAndHolds) {
  const auto journal = sample::journal();
  Leaf leaf = journal.leaves[1];
  EXPECT_EQ(leaf.openings.size(), 2U);
  EXPECT_TRUE(decode_leaf(encode_leaf(leaf)).ok());
  Bytes twice = encode_leaf(journal.leaves.back());  // actor, note
  const Bytes actor(twice.begin() + 160, twice.begin() + 181);
  twice.insert(twice.begin() + 160, actor.begin(), actor.end());
  twice[35] = 3;
  twice[4] = static_cast<std::uint8_t>(twice.size());
  EXPECT_EQ(decode_leaf(twice).error().message(), "leaf byte 181: tags are not ascending");
}

TEST(Leaf, RandomBytesNeverBreakTheDecoder) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  const Bytes golden = *from_hex(golden_hex());
  for (int round = 0; round < test::quick_or_long(2000, 20'000); ++round) {
    Bytes bytes = golden;
    for (int change = 0; change < 4; ++change) {
      bytes[random() % bytes.size()] = static_cast<std::uint8_t>(random());
    }
    const auto leaf = decode_leaf(bytes);
    if (leaf.ok()) {
      ASSERT_EQ(encode_leaf(*leaf), bytes);
    }
  }
}

}  // namespace
}  // namespace florin::verify::leaf_test
