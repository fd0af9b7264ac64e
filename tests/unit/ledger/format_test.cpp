// The bytes of FORMAT.md, and pure decoders.
#include <gtest/gtest.h>

#include <random>

#include "base/hash.h"
#include "ledger/apply.h"
#include "ledger/frame.h"
#include "ledger/group.h"
#include "ledger/merkle.h"
#include "ledger/rows.h"
#include "ledger/segment_header.h"
#include "ledger/verify/merkle.h"
#include "support/test_keys.h"

namespace florin::ledger::format_test {
namespace {

Uuid filled(std::uint8_t byte) {
  Uuid id;
  id.bytes.fill(byte);
  return id;
}

verify::Leaf sample_leaf() {
  verify::Leaf leaf;
  leaf.type = 4;
  leaf.seq = 7;
  leaf.tenant = filled(0x11);
  leaf.mode = verify::Mode::live;
  leaf.origin = verify::Origin::fact;
  leaf.effective_day = 20'000;
  leaf.booked_at = 1'790'000'000'000'000'001;
  leaf.entry_id = filled(0x22);
  leaf.subject = filled(0x33);
  leaf.previous_leaf.fill(0x44);
  leaf.body_commitment.fill(0x55);
  leaf.fingerprint.fill(0x66);
  leaf.postings = {
      {1, 1250, 978, verify::Side::debit, verify::Layer::posted, filled(0x77), 0, 1250},
      {2, 1250, 978, verify::Side::credit, verify::Layer::posted, filled(0x77), 5,
       (Uint128{1} << 64U) + 9}};
  leaf.openings = {{1, 1100, 978, 2, filled(0x88), 0}};
  leaf.holds = {{filled(0x99), verify::HoldOperation::capture, 978, 1250}};
  leaf.actor = verify::Actor{verify::ActorKind::credential, filled(0xAA)};
  leaf.flags = 2;
  leaf.note = "golden";
  return leaf;
}

Body sample_body() {
  Body body;
  body.salt.fill(0x01);
  body.objects = {{ObjectKind{3}, filled(2), 1, Bytes{1, 2, 3}, Bytes{4}}};
  body.uniques = {{UniqueTable{4}, filled(3).bytes, Bytes{5}}};
  body.idempotency =
      IdempotencyWrite{filled(4).bytes, filled(5).bytes, true, filled(6), 201, 9, {7}};
  body.events = {{{filled(7), filled(8), ObjectKind{3}, filled(2), 1, "a.b", {'{', '}'}}, 12}};
  return body;
}

constexpr std::string_view kGoldenLeaf =
    "464c01049f01000007000000000000001111111111111111111111111111111102010205204e00000100f32384"
    "5bd718222222222222222222222222222222223333333333333333333333333333333344444444444444444444"
    "444444444444444444444444444444444444444444445555555555555555555555555555555555555555555555"
    "555555555555555555666666666666666666666666666666660100000000000000e204000000000000d2030000"
    "00000000777777777777777777777777777777770000000000000000e204000000000000000000000000000002"
    "00000000000000e204000000000000d20301000000000077777777777777777777777777777777050000000000"
    "0000090000000000000001000000000000000100280001000000000000004c04d2030200000088888888888888"
    "888888888888888888000000000000000002002800999999999999999999999999999999990200d20300000000"
    "e20400000000000000000000000000000300110001aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa0400040002000000"
    "05000600676f6c64656e";
constexpr std::string_view kGoldenFrame =
    "42b30bd8817e77b05fe5e59927bfad0b01316d6181e98af52a03bfb7be085f31";
constexpr std::string_view kGoldenHeader =
    "2b626282f2657f3b537f0f450d348bdad3f32234591a29418f51bcdcca96b7b9";

TEST(Format, GoldenLeaf) {
  const auto bytes = write_leaf(sample_leaf());
  ASSERT_TRUE(bytes.ok());
  EXPECT_EQ(to_hex(*bytes), kGoldenLeaf);
  EXPECT_TRUE(*verify::decode_leaf(*bytes) == sample_leaf());
  EXPECT_EQ(*bytes, verify::encode_leaf(sample_leaf()));
}

TEST(Format, GoldenFrame) {
  const Hash32 key = sha256(view_of("segment key"));
  const Bytes leaf = *write_leaf(sample_leaf());
  const Bytes body = *encode_body(sample_body());
  const Bytes frame = seal_frame(key, {5, 3, 0, true}, leaf, body);
  // The whole frame is long; its digest stands for it.
  EXPECT_EQ(to_hex(sha256(frame)), kGoldenFrame);
  const auto opened = open_frame(key, frame);
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(opened->leaf, leaf);
  EXPECT_EQ(opened->body, body);
  const auto header = decode_frame_header(frame);
  EXPECT_EQ(header->frame, 5U);
  EXPECT_EQ(header->group, 3U);
  EXPECT_TRUE(header->last_of_group);
  for (std::size_t i = 0; i < frame.size(); ++i) {
    Bytes bad = frame;
    bad[i] ^= 1;
    EXPECT_FALSE(open_frame(key, bad).ok()) << i;
    EXPECT_FALSE(open_frame(key, BytesView(frame).first(i)).ok());
  }
}

TEST(Format, GoldenSegmentHeader) {
  SegmentHeader header{filled(0x11), Mode::test, 3, 900, 5, {}, {}, 8192};
  header.key_version = 1;
  header.previous_leaf.fill(0x12);
  header.salt.fill(0x13);
  header.previous_digest.fill(0x14);
  const auto keys = test::test_keys();
  const auto block = encode_segment_header(header, *keys);
  ASSERT_EQ(block->size(), kBlockBytes);
  EXPECT_EQ(to_hex(sha256(*block)), kGoldenHeader);
  const auto decoded = decode_segment_header(*block);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->previous_end, 8192U);
  EXPECT_EQ(decoded->previous_digest, header.previous_digest);
  EXPECT_TRUE(authenticate_segment_header(*block, *decoded, *keys).ok());
  EXPECT_EQ(authenticate_segment_header(*block, *decoded, *test::test_keys("other")).error().code(),
            Errc::decryption_failed);
}

TEST(Format, BodyIsCanonical) {
  const Bytes bytes = *encode_body(sample_body());
  const auto body = decode_body(bytes);
  ASSERT_TRUE(body.ok());
  EXPECT_EQ(*encode_body(*body), bytes);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    // Cut at a section's end a body is whole again; anywhere else it is refused.
    const auto cut = decode_body(BytesView(bytes).first(i));
    if (cut.ok()) {
      EXPECT_EQ(*encode_body(*cut), to_bytes(BytesView(bytes).first(i)));
    }
    Bytes bad = bytes;
    bad[i] ^= 0x80;
    const auto changed = decode_body(bad);
    if (changed.ok()) {
      EXPECT_EQ(*encode_body(*changed), bad);
    }
  }
}

TEST(Format, DecodersTakeNoise) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  const Hash32 key{};
  for (int round = 0; round < 2000; ++round) {
    Bytes noise(random() % 300);
    for (std::uint8_t& byte : noise) byte = static_cast<std::uint8_t>(random());
    EXPECT_FALSE(open_frame(key, noise).ok());
    EXPECT_FALSE(read_group(noise, {0, 0, 0}, key).ok());
    EXPECT_FALSE(decode_segment_header(noise).ok());
    (void)decode_body(noise).ok();
    (void)decode_object_head(noise).ok();
    (void)decode_unique(noise).ok();
    EXPECT_FALSE(decode_entry(noise, noise).ok());
  }
}

Hash32 naive_root(std::span<const Hash32> hashes) {
  if (hashes.size() == 1) return hashes[0];
  std::size_t split = 1;
  while (split * 2 < hashes.size()) split *= 2;
  const ByteArray<1> prefix = {1};
  return sha256({prefix, naive_root(hashes.first(split)), naive_root(hashes.subspan(split))});
}

TEST(Merkle, RootsAgreeWithTheDefinitionAndTheVerifier) {
  CompactRange tree;
  verify::CompactRange other;
  std::vector<Hash32> hashes;
  EXPECT_EQ(tree.root(), sha256(BytesView{}));
  for (std::size_t n = 1; n <= 200; ++n) {
    const Bytes leaf(n, static_cast<std::uint8_t>(n));
    hashes.push_back(merkle_leaf_hash(leaf));
    tree.append(hashes.back());
    other.append(verify::leaf_hash(leaf));
    ASSERT_EQ(tree.size(), n);
    ASSERT_EQ(tree.root(), naive_root(hashes)) << n;
    ASSERT_EQ(tree.root(), other.root());
  }
}

}  // namespace
}  // namespace florin::ledger::format_test
