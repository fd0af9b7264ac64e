// What is shown to a person is what is signed, and cannot drive the terminal.
#include "cli/operation_call.h"

#include <gtest/gtest.h>

#include <fstream>

#include "daemon/domain/request_text.h"
#include "tests/unit/cli/support.h"

namespace florin::cli::operation_call_test {
namespace {

using test::Folder;
using test::http_answer;
using test::OneAnswer;
using test::run_cli;

class OperationCallTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ofstream(folder_.file("words")) << "a long passphrase\n";
    const auto made = run({"role", "enrol", "alice", "--key-file", folder_.file("alice.key"),
                           "--passphrase-file", folder_.file("words")});
    ASSERT_EQ(made.code, ExitCode::ok) << made.err;
  }
  test::Outcome run(std::vector<std::string> words, Ask ask = nullptr,
                    bool input_terminal = false) {
    return run_cli(std::move(words), {{"FLORIN_RUN_DIR", folder_.path().string()}}, {},
                   std::move(ask), input_terminal);
  }
  test::Outcome act(std::vector<std::string> words, Ask ask = nullptr) {
    words.insert(words.end(), {"--key-file", folder_.file("alice.key"), "--passphrase-file",
                               folder_.file("words")});
    return run(std::move(words), std::move(ask));
  }
  static std::string shown(const std::string& text, json::object more) {
    more["text"] = text;
    more["digest"] = to_hex(domain::request_digest(text));
    return http_answer(200, json::write(more));
  }
  // As the daemon's preview, but for what a test wants.
  static std::string text_with(const std::string& consequence) {
    return "florin-request/1\noperation key.shred-tenant\nparameter tenant tnt_1\nconsequence " +
           consequence + "\nreason gone\n";
  }
  test::Outcome shred() { return act({"key", "shred-tenant", "acme", "--reason", "gone"}); }
  Folder folder_;
};

TEST_F(OperationCallTest, TheRequesterReadsTheTextThatIsSigned) {
  OneAnswer server(folder_.file("custodian.sock"),
                   shown(text_with("All is lost."), {{"request", "rqt_1"},
                                                     {"consequence", "All is lost."},
                                                     {"confirmation", "ac\x1b[2Jme"}}),
                   "}");
  const test::Outcome outcome = shred();
  EXPECT_EQ(outcome.code, ExitCode::usage) << outcome.err;
  EXPECT_NE(outcome.err.find("parameter tenant tnt_1\nconsequence All is lost.\nreason gone\n"),
            std::string::npos)
      << outcome.err;
  EXPECT_NE(outcome.err.find("--confirm"), std::string::npos);
  EXPECT_EQ(outcome.err.find('\x1b'), std::string::npos);
}

TEST_F(OperationCallTest, AConsequenceThatTheTextDoesNotHaveIsNotSigned) {
  OneAnswer server(
      folder_.file("custodian.sock"),
      shown(text_with("All is lost."),
            {{"request", "rqt_1"}, {"consequence", "Nothing happens."}, {"confirmation", ""}}),
      "}");
  const test::Outcome outcome = shred();
  EXPECT_EQ(outcome.code, ExitCode::internal);
  EXPECT_NE(outcome.err.find("another request than was asked for"), std::string::npos)
      << outcome.err;
}

TEST_F(OperationCallTest, AnApproverReadsATextThatCannotDriveTheTerminal) {
  OneAnswer server(folder_.file("admin.sock"),
                   shown(text_with("gone\x1b[2J\xe2\x80\xae"), {{"id", "rqt_1"}}), "\r\n\r\n");
  std::string question;
  const test::Outcome outcome =
      act({"request", "approve", "R-0001"}, [&](std::string_view prompt, bool) {
        question = prompt;
        return std::optional<std::string>("n");
      });
  EXPECT_NE(outcome.err.find("\nreason gone\n"), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.err.find('\x1b'), std::string::npos);
  EXPECT_EQ(outcome.err.find("\xe2\x80\xae"), std::string::npos);
  EXPECT_NE(question.find("approve this?"), std::string::npos);
  EXPECT_EQ(outcome.code, ExitCode::conflict);
}

// The daemon is not reached: nobody listens.
TEST_F(OperationCallTest, WhatIsNoNameOfARequestIsAUsageError) {
  for (const char* const name : {"R 1", "R-1?x", "..", "a/b"}) {
    const test::Outcome outcome = act({"request", "approve", name, "--digest", "0123456789"});
    EXPECT_EQ(outcome.code, ExitCode::usage) << name;
    EXPECT_NE(outcome.err.find("REQUEST"), std::string::npos) << outcome.err;
  }
}

TEST_F(OperationCallTest, SecretsAreTypedUnseenWhereStandardInputIsATerminal) {
  std::vector<std::string> prompts;
  const Ask ask = [&prompts](std::string_view prompt, bool hidden) {
    prompts.push_back(std::string(prompt) + (hidden ? "hidden" : "seen"));
    return std::optional<std::string>("a long passphrase");
  };
  EXPECT_EQ(run({"hsm", "unlock"}, ask, true).code, ExitCode::unreachable);
  EXPECT_EQ(
      run({"role", "enrol", "bob", "--key-file", folder_.file("bob.key"), "--passphrase-file", "-"},
          ask, true)
          .code,
      ExitCode::ok);
  EXPECT_EQ(prompts, (std::vector<std::string>{"PIN: hidden", "Passphrase: hidden"}));
  const test::Outcome silent = run({"--no-input", "hsm", "unlock"}, ask, true);
  EXPECT_EQ(silent.code, ExitCode::usage) << silent.err;
  EXPECT_NE(silent.err.find("--pin-file"), std::string::npos) << silent.err;
  EXPECT_EQ(prompts.size(), 2U);
}

}  // namespace
}  // namespace florin::cli::operation_call_test
