#include "base/bytes.h"

#include <gtest/gtest.h>

namespace florin::bytes_test {
namespace {

TEST(Bytes, Base64RoundTripsTheRfcVectors) {
  // RFC 4648 section 10.
  const std::pair<const char*, const char*> rows[] = {{"", ""},
                                                      {"f", "Zg=="},
                                                      {"fo", "Zm8="},
                                                      {"foo", "Zm9v"},
                                                      {"foob", "Zm9vYg=="},
                                                      {"fooba", "Zm9vYmE="},
                                                      {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : rows) {
    EXPECT_EQ(to_base64(view_of(plain)), coded);
    const auto back = from_base64(coded);
    ASSERT_TRUE(back.ok()) << coded;
    EXPECT_EQ(text_of(*back), plain);
  }
}

TEST(Bytes, Base64RefusesOtherSpellings) {
  for (const char* text :
       {"Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zm9v\n", "Zm-v", "Zg==Zg=="}) {
    EXPECT_FALSE(from_base64(text).ok()) << text;
  }
}

TEST(Bytes, HexRoundTripsAndRefuses) {
  const Bytes bytes = {0x00, 0x7F, 0xFF};
  EXPECT_EQ(to_hex(bytes), "007fff");
  EXPECT_EQ(*from_hex("007FfF"), bytes);
  for (const char* text : {"0", "0g", " 0", "0x"}) EXPECT_FALSE(from_hex(text).ok()) << text;
}

TEST(Bytes, ReaderNeverReadsBehindTheEnd) {
  ByteWriter writer;
  writer.u8(1);
  writer.u16(2);
  writer.u32(3);
  writer.u64(4);
  writer.sized_text("five");
  const Bytes all = to_bytes(writer.view());
  for (std::size_t cut = 0; cut <= all.size(); ++cut) {
    ByteReader reader(BytesView(all).first(cut));
    (void)reader.u8();
    (void)reader.u16();
    (void)reader.u32();
    (void)reader.u64();
    const std::string text = reader.sized_text(100);
    EXPECT_EQ(reader.done(), cut == all.size());
    if (reader.ok()) {
      EXPECT_EQ(text, "five");
    }
  }
}

TEST(Bytes, SizedRefusesMoreThanItsLimit) {
  ByteWriter writer;
  writer.sized_text("12345");
  ByteReader reader(writer.view());
  EXPECT_TRUE(reader.sized(4).empty());
  EXPECT_FALSE(reader.ok());
}

}  // namespace
}  // namespace florin::bytes_test
