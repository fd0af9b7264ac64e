#include "daemon/vault/wrapped_key.h"

#include <gtest/gtest.h>

#include <random>

namespace florin::vault::wrapped_key_test {
namespace {

WrappedKey sample() {
  WrappedKey key;
  key.kek_number = 0x01020304;
  key.key_id.fill(0xAB);
  Uuid tenant;
  tenant.bytes.fill(0x11);
  key.name = {TenantId{tenant}, Purpose::card, 7};
  key.created_ns = 0x1122334455667788ULL;
  for (std::uint8_t i = 0; i < 60; ++i) key.sealed.push_back(i);
  return key;
}

TEST(WrappedKey, LayoutIsFixed) {
  std::string sealed;
  for (std::uint8_t i = 12; i < 60; ++i) sealed += to_hex(Bytes{i});
  EXPECT_EQ(to_hex(encode_wrapped_key(sample())),
            "574b31"
            "01"
            "04030201"
            "abababababababababababababababab"
            "02"
            "11111111111111111111111111111111"
            "07000000"
            "8877665544332211"
            "0c"
            "000102030405060708090a0b"
            "3000" +
                sealed);
  EXPECT_EQ(wrapped_key_aad(sample()).size(), 53U);
}

TEST(WrappedKey, RoundTrips) {
  const auto back = decode_wrapped_key(encode_wrapped_key(sample()));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->name, sample().name);
  EXPECT_EQ(back->sealed, sample().sealed);
  EXPECT_EQ(encode_wrapped_key(*back), encode_wrapped_key(sample()));
  WrappedKey system = sample();
  system.name = {std::nullopt, Purpose::general, 1};
  const auto system_back = decode_wrapped_key(encode_wrapped_key(system));
  ASSERT_TRUE(system_back.ok());
  EXPECT_EQ(system_back->name.text(), "sys/gen/1");
  EXPECT_EQ(back->name.text(), "t/" + sample().name.tenant->text() + "/pan/7");
}

TEST(WrappedKey, EveryTruncationAndExtensionIsRefused) {
  const Bytes blob = encode_wrapped_key(sample());
  for (std::size_t size = 0; size < blob.size(); ++size) {
    const auto refused = decode_wrapped_key(BytesView(blob).first(size));
    ASSERT_FALSE(refused.ok()) << size;
    EXPECT_EQ(refused.error().code(), Errc::key_unwrap_failed);
  }
  Bytes longer = blob;
  longer.push_back(0);
  EXPECT_FALSE(decode_wrapped_key(longer).ok());
}

TEST(WrappedKey, EveryLengthAndCodeIsChecked) {
  const Bytes blob = encode_wrapped_key(sample());
  // Offsets of magic, suite, purpose, iv_len, ct_len.
  for (const std::size_t offset : {0U, 1U, 2U, 3U, 24U, 53U, 66U, 67U}) {
    for (const int value : {0x00, 0x7F, 0x80, 0xFF}) {
      Bytes changed = blob;
      if (changed[offset] == value) continue;
      changed[offset] = static_cast<std::uint8_t>(value);
      EXPECT_FALSE(decode_wrapped_key(changed).ok()) << offset << " " << value;
    }
  }
  WrappedKey key = sample();
  key.name.version = 0;
  EXPECT_FALSE(decode_wrapped_key(encode_wrapped_key(key)).ok());
  key = sample();
  key.kek_number = 0;
  EXPECT_FALSE(decode_wrapped_key(encode_wrapped_key(key)).ok());
}

TEST(WrappedKey, WhatIsAcceptedIsCanonical) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const Bytes blob = encode_wrapped_key(sample());
  for (int i = 0; i < 20'000; ++i) {
    Bytes changed = blob;
    for (unsigned n = random() % 4 + 1; n > 0; --n) {
      changed[random() % changed.size()] = static_cast<std::uint8_t>(random());
    }
    changed.resize(random() % 8 == 0 ? random() % (changed.size() + 1) : changed.size());
    const auto key = decode_wrapped_key(changed);
    if (key.ok()) {
      ASSERT_EQ(encode_wrapped_key(*key), changed);
    }
  }
}

}  // namespace
}  // namespace florin::vault::wrapped_key_test
