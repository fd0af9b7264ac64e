// The part of `florin backup` that needs no daemon, as far as it goes without a backup.
#include <gtest/gtest.h>

#include <fstream>

#include "tests/unit/cli/support.h"

namespace florin::cli::backup_test {
namespace {

using test::run_cli;

Invocation parsed(std::vector<std::string> words) {
  return parse_arguments(std::move(words), [](const std::string&) { return std::nullopt; });
}

TEST(BackupCall, VerifyTakesFolderAndKey) {
  const Invocation invocation = parsed({"backup", "verify", "/b", "--key", "/k.pem"});
  const auto* call = std::get_if<BackupVerifyCall>(&invocation.call);
  ASSERT_NE(call, nullptr);
  EXPECT_EQ(call->directory, "/b");
  EXPECT_EQ(call->key_file, "/k.pem");
}

TEST(BackupCall, RestoreTakesSizesOfSeveralLedgers) {
  const Invocation invocation =
      parsed({"backup", "restore", "/b", "--to", "/d", "--to-entry", "system=4", "--to-entry",
              "tnt_1/live=9", "--output", "json"});
  const auto* call = std::get_if<BackupRestoreCall>(&invocation.call);
  ASSERT_NE(call, nullptr);
  EXPECT_EQ(call->target, "/d");
  EXPECT_EQ(call->sizes, (std::vector<std::string>{"system=4", "tnt_1/live=9"}));
  EXPECT_EQ(invocation.global.output, Output::json);
}

TEST(BackupCall, WrongWordsAreRefused) {
  EXPECT_EQ(run_cli({"backup"}).code, ExitCode::usage);
  EXPECT_EQ(run_cli({"backup", "verify"}).code, ExitCode::usage);
  EXPECT_EQ(run_cli({"backup", "restore", "/b"}).code, ExitCode::usage);
  const auto outcome = run_cli({"backup", "verfy", "/b"});
  EXPECT_EQ(outcome.code, ExitCode::usage);
  EXPECT_NE(outcome.err.find("backup verify"), std::string::npos) << outcome.err;
}

TEST(BackupCall, WhatIsNotThereOrNoBackupIsTold) {
  const test::Folder folder;
  EXPECT_EQ(run_cli({"backup", "verify", folder.file("none")}).code, ExitCode::not_found);
  EXPECT_EQ(run_cli({"backup", "verify", folder.path().string()}).code, ExitCode::found_bad);
  const auto restored =
      run_cli({"backup", "restore", folder.path().string(), "--to", folder.file("new")});
  EXPECT_EQ(restored.code, ExitCode::found_bad);
  EXPECT_FALSE(std::filesystem::exists(folder.file("new")));
  EXPECT_EQ(
      run_cli({"backup", "verify", folder.path().string(), "--key", folder.file("no.pem")}).code,
      ExitCode::usage);
  for (const char* size : {"system", "system=", "system=x", "system=-1", "=4"}) {
    const auto outcome = run_cli({"backup", "restore", folder.path().string(), "--to",
                                  folder.file("new"), "--to-entry", size});
    EXPECT_TRUE(outcome.code == ExitCode::usage || outcome.code == ExitCode::found_bad) << size;
  }
}

}  // namespace
}  // namespace florin::cli::backup_test
