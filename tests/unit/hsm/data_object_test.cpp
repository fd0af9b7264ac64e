// The small value on the token: replaced whole, private, and never lost by a crash in between.
#include "hsm/data_object.h"

#include <gtest/gtest.h>

#include "hsm/hsm.h"
#include "support/softhsm.h"

namespace florin::hsm::data_object_test {
namespace {

using test_support::OpenHsm;
using test_support::SoftHsm;

constexpr std::string_view kLabel = "anchor";

class DataObjectTest : public ::testing::Test {
 protected:
  void SetUp() override { token_.initialise(); }
  // How many the token holds, as a second implementation sees them.
  std::size_t count() {
    const std::string listed = token_.pkcs11_tool("--list-objects --type data").output;
    std::size_t found = 0;
    for (std::size_t at = 0; (at = listed.find("'anchor'", at)) != std::string::npos; ++at) ++found;
    return found;
  }
  SoftHsm token_;
};

TEST_F(DataObjectTest, NothingThenTheLastThatWasWritten) {
  {
    OpenHsm hsm(token_);
    ASSERT_TRUE(hsm.ok()) << hsm.why();
    const auto none = hsm->read_data_object(kLabel);
    ASSERT_TRUE(none.ok()) << none.error().to_log();
    EXPECT_FALSE(none->has_value());
    for (std::uint8_t i = 1; i <= 5; ++i) {
      const auto written = hsm->write_data_object(kLabel, Bytes(32, i));
      ASSERT_TRUE(written.ok()) << written.error().to_log();
      EXPECT_EQ(**hsm->read_data_object(kLabel), Bytes(32, i));
    }
    EXPECT_FALSE(hsm->read_data_object("another")->has_value());
    EXPECT_EQ(hsm->write_data_object(kLabel, {}).error().code(), Errc::malformed_value);
    EXPECT_EQ(hsm->write_data_object(kLabel, Bytes(1025)).error().code(), Errc::malformed_value);
  }
  EXPECT_EQ(count(), 1U);
  OpenHsm hsm(token_);
  ASSERT_TRUE(hsm.ok()) << hsm.why();
  EXPECT_EQ(**hsm->read_data_object(kLabel), Bytes(32, 5));
}

// The token as a crash between creating and destroying leaves it: of two the newer one counts, and
// the next write leaves one.
TEST_F(DataObjectTest, OfTwoTheNewerCounts) {
  const auto saved = token_.directory() / "saved";
  {
    OpenHsm hsm(token_);
    ASSERT_TRUE(hsm.ok()) << hsm.why();
    ASSERT_TRUE(hsm->write_data_object(kLabel, Bytes(32, 1)).ok());
  }
  std::filesystem::copy(token_.tokens(), saved, std::filesystem::copy_options::recursive);
  {
    OpenHsm hsm(token_);
    ASSERT_TRUE(hsm.ok()) << hsm.why();
    ASSERT_TRUE(hsm->write_data_object(kLabel, Bytes(32, 2)).ok());
  }
  // The old one back beside the new one: SoftHSM keeps one file for each object.
  std::filesystem::copy(
      saved, token_.tokens(),
      std::filesystem::copy_options::recursive | std::filesystem::copy_options::skip_existing);
  ASSERT_EQ(count(), 2U);
  {
    OpenHsm hsm(token_);
    ASSERT_TRUE(hsm.ok()) << hsm.why();
    EXPECT_EQ(**hsm->read_data_object(kLabel), Bytes(32, 2));
    ASSERT_TRUE(hsm->write_data_object(kLabel, Bytes(32, 3)).ok());
    EXPECT_EQ(**hsm->read_data_object(kLabel), Bytes(32, 3));
  }
  EXPECT_EQ(count(), 1U);
}

// Nothing tells which of two with one counter is the newer one, so none is taken and none
// destroyed.
TEST_F(DataObjectTest, TwoWithOneCounterAreRefused) {
  const auto empty = token_.directory() / "empty";
  const auto saved = token_.directory() / "saved";
  constexpr auto kRecursive = std::filesystem::copy_options::recursive;
  std::filesystem::copy(token_.tokens(), empty, kRecursive);
  const auto write_first = [&](std::uint8_t byte) {
    OpenHsm hsm(token_);
    ASSERT_TRUE(hsm.ok()) << hsm.why();
    ASSERT_TRUE(hsm->write_data_object(kLabel, Bytes(32, byte)).ok());
  };
  write_first(1);
  std::filesystem::rename(token_.tokens(), saved);
  std::filesystem::rename(empty, token_.tokens());
  write_first(2);
  std::filesystem::copy(saved, token_.tokens(),
                        kRecursive | std::filesystem::copy_options::skip_existing);
  ASSERT_EQ(count(), 2U);
  {
    OpenHsm hsm(token_);
    ASSERT_TRUE(hsm.ok()) << hsm.why();
    const auto read = hsm->read_data_object(kLabel);
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().code(), Errc::hsm_key_unfit);
    EXPECT_EQ(hsm->write_data_object(kLabel, Bytes(32, 3)).error().code(), Errc::hsm_key_unfit);
  }
  EXPECT_EQ(count(), 2U);
}

TEST_F(DataObjectTest, OnesThatAreNotOursAreRefusedOrNotSeen) {
  const auto file = token_.write_file("content", "something else");
  // Not private: everybody can make such a one.
  const std::string make = "--write-object " + file.string() + " --type data --label anchor";
  ASSERT_EQ(token_.pkcs11_tool(make).status, 0);
  {
    OpenHsm hsm(token_);
    ASSERT_TRUE(hsm.ok()) << hsm.why();
    EXPECT_FALSE(hsm->read_data_object(kLabel)->has_value());
  }
  ASSERT_EQ(token_.pkcs11_tool(make + " --private").status, 0);
  OpenHsm hsm(token_);
  ASSERT_TRUE(hsm.ok()) << hsm.why();
  EXPECT_EQ(hsm->read_data_object(kLabel).error().code(), Errc::hsm_key_unfit);
}

}  // namespace
}  // namespace florin::hsm::data_object_test
