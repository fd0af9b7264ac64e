#include "daemon/api/cursor.h"

#include <gtest/gtest.h>

#include "support/test_keys.h"

namespace florin::api::cursor_test {
namespace {

Uuid uuid_of(std::uint8_t n) {
  return Uuid::v7(1'790'000'000'000, {n});
}

engine::ContextPtr context_of(std::string_view root, ledger::Mode mode = ledger::Mode::test) {
  return *engine::Context::make({{uuid_of(1)}, mode, nullptr, test::test_keys(root)});
}

class Cursor : public ::testing::Test {
 protected:
  engine::ContextPtr context_ = context_of("one");
  MerchantId merchant_{uuid_of(2)};
  PaymentId position_{uuid_of(3)};
  std::string text_ = make_cursor(*context_, merchant_, position_);

  static void expect_refused(const Result<PaymentId>& result) {
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code(), Errc::malformed_value);
    EXPECT_EQ(result.error().field(), "cursor");
  }
};

TEST_F(Cursor, OpensWhereItWasGiven) {
  const auto opened = open_cursor(*context_, merchant_, text_);
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(*opened, position_);
  EXPECT_LE(text_.size(), 128U);
}

TEST_F(Cursor, EveryEditIsRefused) {
  for (std::size_t i = 0; i < text_.size(); ++i) {
    std::string edited = text_;
    edited[i] = edited[i] == '0' ? '1' : '0';
    expect_refused(open_cursor(*context_, merchant_, edited));
    expect_refused(open_cursor(*context_, merchant_, text_.substr(0, i)));
  }
  expect_refused(open_cursor(*context_, merchant_, text_ + "0"));
  expect_refused(open_cursor(*context_, merchant_, position_.value.text()));
  expect_refused(open_cursor(*context_, merchant_, position_.text()));
  expect_refused(open_cursor(*context_, merchant_, std::string(5'000, 'A')));
}

TEST_F(Cursor, IsOfOneMerchantOneLedgerOneMode) {
  expect_refused(open_cursor(*context_, {uuid_of(9)}, text_));
  expect_refused(open_cursor(*context_of("two"), merchant_, text_));
  expect_refused(open_cursor(*context_of("one", ledger::Mode::live), merchant_, text_));
}

}  // namespace
}  // namespace florin::api::cursor_test
