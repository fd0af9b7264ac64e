#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>

#include "base/log.h"

namespace florin::result_test {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return Error(Errc::malformed_value, "number", "is odd", "from a test");
  return number / 2;
}

Result<int> quarter(int number) {
  FLORIN_TRY(const int once, half(number));
  FLORIN_TRY(const int twice, half(once));
  return twice;
}

Result<void> check_even(int number) {
  FLORIN_TRY_VOID(half(number));
  return {};
}

TEST(Result, TryPassesValuesAndErrors) {
  EXPECT_EQ(*quarter(8), 2);
  EXPECT_EQ(quarter(6).error().field(), "number");
  EXPECT_TRUE(check_even(2).ok());
  EXPECT_EQ(check_even(3).error().code(), Errc::malformed_value);
}

TEST(Result, TakesTypesThatOnlyMove) {
  Result<std::unique_ptr<int>> made(std::make_unique<int>(5));
  const std::unique_ptr<int> taken = *std::move(made);
  EXPECT_EQ(*taken, 5);
}

TEST(ResultDeathTest, AWrongAccessAborts) {
  EXPECT_DEATH((void)half(1).value(), "assertion failed");
  EXPECT_DEATH((void)half(2).error(), "assertion failed");
}

TEST(Error, TextsForInsideAndOutside) {
  const Error error(Errc::malformed_value, "/a", "is odd", "secret detail");
  EXPECT_EQ(error.message(), "is odd");
  EXPECT_EQ(error.to_log(), "malformed-value: is odd [field /a] (secret detail)");
  EXPECT_EQ(Error(Errc::not_found).message(), errc_text(Errc::not_found));
  EXPECT_EQ(Error(Errc::not_found).in_field("/b").field(), "/b");
  EXPECT_EQ(Error(Errc::not_found, "/a", "").in_field("/b").field(), "/a");
}

TEST(Errc, EveryNameIsUniqueAndKebabCase) {
  std::set<std::string_view> names;
  int codes = 0;
  for (int number = 100; number < 1000; ++number) {
    const auto code = static_cast<Errc>(number);
    const std::string_view name = errc_name(code);
    if (name == "internal" && code != Errc::internal) continue;  // not a code
    ++codes;
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"),
              std::string_view::npos)
        << name;
    EXPECT_TRUE(errc_text(code).ends_with('.')) << name;
  }
  EXPECT_GT(codes, 60);
}

TEST(Errc, TheLastCodeOfEachGroupHasARow) {
  for (const Errc code : {Errc::config_invalid, Errc::permission_denied, Errc::not_initialised,
                          Errc::tls_failed, Errc::ledger_stopped, Errc::decryption_failed,
                          Errc::connector_answer_invalid, Errc::io_failure}) {
    EXPECT_NE(errc_name(code), "internal") << static_cast<int>(code);
  }
  EXPECT_EQ(errc_class(Errc::version_conflict), ErrorClass::conflict);
  EXPECT_EQ(errc_class(Errc::ledger_corrupt), ErrorClass::corrupt);
}

TEST(Log, ALineCannotBeForgedThroughAValue) {
  testing::internal::CaptureStderr();
  log(LogLevel::warning, "test.event",
      {{"text", "a\n<0>{\"event\":\"forged\"}"}, {"count", 3}, {"flag", true}});
  const std::string out = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(out.starts_with("<4>{\"time\":\"")) << out;
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 1) << out;
  EXPECT_NE(
      out.find(
          R"("event":"test.event","text":"a\n<0>{\"event\":\"forged\"}","count":3,"flag":true)"),
      std::string::npos)
      << out;
}

TEST(Log, LinesBelowTheLevelAreDropped) {
  testing::internal::CaptureStderr();
  log(LogLevel::debug, "test.dropped");
  set_log_level(LogLevel::debug);
  log(LogLevel::debug, "test.kept");
  set_log_level(LogLevel::info);
  log_error("test.error", Error(Errc::io_failure, "/f", "m", "d"));
  const std::string out = testing::internal::GetCapturedStderr();
  EXPECT_EQ(out.find("test.dropped"), std::string::npos);
  EXPECT_NE(out.find("<7>{"), std::string::npos);
  EXPECT_NE(out.find(R"("code":"io-failure","message":"m","field":"/f","detail":"d")"),
            std::string::npos)
      << out;
}

}  // namespace
}  // namespace florin::result_test
