#include "cli/exit_code.h"

#include <gtest/gtest.h>

namespace florin::cli::exit_code_test {
namespace {

TEST(ExitCodeTest, OfProblems) {
  EXPECT_EQ(exit_code_of(200, ""), ExitCode::ok);
  EXPECT_EQ(exit_code_of(201, ""), ExitCode::ok);
  EXPECT_EQ(exit_code_of(202, ""), ExitCode::approval_pending);
  EXPECT_EQ(exit_code_of(400, "malformed-json"), ExitCode::usage);
  EXPECT_EQ(exit_code_of(422, "field-missing"), ExitCode::usage);
  EXPECT_EQ(exit_code_of(403, "permission-denied"), ExitCode::permission);
  EXPECT_EQ(exit_code_of(404, "not-found"), ExitCode::not_found);
  EXPECT_EQ(exit_code_of(409, "already-initialised"), ExitCode::conflict);
  EXPECT_EQ(exit_code_of(409, "not-initialised"), ExitCode::unreachable);
  EXPECT_EQ(exit_code_of(503, "hsm-unavailable"), ExitCode::hsm_unavailable);
  EXPECT_EQ(exit_code_of(503, "overloaded"), ExitCode::unreachable);
  EXPECT_EQ(exit_code_of(503, "timed-out"), ExitCode::timed_out);
  EXPECT_EQ(exit_code_of(500, "internal"), ExitCode::internal);
  EXPECT_EQ(exit_code_of(301, ""), ExitCode::internal);
}

TEST(ExitCodeTest, OfErrors) {
  EXPECT_EQ(exit_code_of(Errc::connection_failed), ExitCode::unreachable);
  EXPECT_EQ(exit_code_of(Errc::timed_out), ExitCode::timed_out);
  EXPECT_EQ(exit_code_of(Errc::permission_denied), ExitCode::permission);
  EXPECT_EQ(exit_code_of(Errc::state_conflict), ExitCode::conflict);
  EXPECT_EQ(exit_code_of(Errc::malformed_value), ExitCode::usage);
  EXPECT_EQ(exit_code_of(Errc::hsm_pin_incorrect), ExitCode::hsm_unavailable);
  EXPECT_EQ(exit_code_of(Errc::ledger_corrupt), ExitCode::found_bad);
  EXPECT_EQ(exit_code_of(Errc::internal), ExitCode::internal);
}

// The numbers are promised to scripts.
TEST(ExitCodeTest, Numbers) {
  const std::pair<ExitCode, int> promised[] = {
      {ExitCode::ok, 0},          {ExitCode::internal, 1},         {ExitCode::usage, 2},
      {ExitCode::found_bad, 3},   {ExitCode::not_found, 4},        {ExitCode::conflict, 5},
      {ExitCode::permission, 7},  {ExitCode::approval_pending, 6}, {ExitCode::unreachable, 8},
      {ExitCode::timed_out, 124}, {ExitCode::hsm_unavailable, 9}};
  for (const auto& [code, number] : promised) {
    EXPECT_EQ(static_cast<int>(code), number);
    EXPECT_NE(exit_code_help().find(" " + std::to_string(number) + "  "), std::string_view::npos);
  }
}

}  // namespace
}  // namespace florin::cli::exit_code_test
