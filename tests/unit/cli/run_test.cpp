#include "cli/run.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <fstream>
#include <sstream>

#include "tests/unit/cli/support.h"

namespace florin::cli::run_test {
namespace {

using test::Folder;
using test::http_answer;
using test::OneAnswer;
using test::run_cli;

std::string read(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class RunTest : public ::testing::Test {
 protected:
  test::Outcome run(std::vector<std::string> words, const std::string& input = {}) {
    return run_cli(std::move(words), {{"FLORIN_RUN_DIR", folder_.path().string()}}, input);
  }
  Folder folder_;
};

TEST_F(RunTest, ListOverTheAuditorSocket) {
  OneAnswer server(folder_.file("auditor.sock"),
                   http_answer(200, R"({"items":[{"name":"acme"}],"next":null})"), "\r\n\r\n");
  const test::Outcome outcome = run({"tenant", "list", "--output", "json"});
  EXPECT_EQ(outcome.code, ExitCode::ok) << outcome.err;
  EXPECT_EQ(
      outcome.out,
      "{\"schema\":\"florin.tenant.list/1\",\"items\":[{\"name\":\"acme\"}],\"next\":null}\n");
  EXPECT_TRUE(server.request().starts_with("GET /operator/v1/tenants HTTP/1.1\r\n"));
}

TEST_F(RunTest, RunDirectoryFromTheConfiguration) {
  std::ofstream(folder_.file("florind.conf"))
      << "[api]\nrun_directory = /wrong\n[instance]\n run_directory = " << folder_.path().string()
      << "\n";
  OneAnswer server(folder_.file("auditor.sock"), http_answer(200, R"({"items":[]})"), "\r\n\r\n");
  const test::Outcome outcome =
      run_cli({"--config", folder_.file("florind.conf"), "tenant", "list"});
  EXPECT_EQ(outcome.code, ExitCode::ok) << outcome.err;
  EXPECT_EQ(outcome.out, "no tenants\n");
}

TEST_F(RunTest, ACertificateIsSentAsItStandsAndNoSecretIsWritten) {
  const std::string pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  std::ofstream(folder_.file("shop.pem")) << pem;
  OneAnswer server(folder_.file("operator.sock"),
                   http_answer(201, R"({"key_id":"ak_1","authentication":"certificate"})"), "}");
  const test::Outcome outcome =
      run({"credential", "create", "--merchant", "shop", "--tenant", "a", "--mode", "test",
           "--client-certificate", folder_.file("shop.pem"), "--secret-file",
           folder_.file("shop.secret")});
  EXPECT_EQ(outcome.code, ExitCode::ok) << outcome.err;
  EXPECT_NE(
      server.request().find(R"("client_certificate":"-----BEGIN CERTIFICATE-----\nAAAA\n-----END)"),
      std::string::npos);
  EXPECT_NE(outcome.err.find("there is no secret"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder_.file("shop.secret")));
  EXPECT_EQ(run({"credential", "create", "--merchant", "shop", "--tenant", "a", "--mode", "test",
                 "--client-certificate", folder_.file("absent.pem")})
                .code,
            ExitCode::usage);
}

TEST_F(RunTest, PinAndPeopleComeFromFilesAndGoToTheAdmin) {
  std::ofstream(folder_.file("a.pub")) << "part a\n";
  std::ofstream(folder_.file("b.pub")) << "part b\n";
  OneAnswer server(folder_.file("admin.sock"),
                   http_answer(201, R"({"token":"t","serial":"1","keys":[]})"), "}");
  const test::Outcome outcome =
      run({"hsm", "init", "--so-pin-file", "-", "--first-person", folder_.file("a.pub"),
           "--second-person", folder_.file("b.pub")},
          "12345678\n");
  EXPECT_EQ(outcome.code, ExitCode::ok) << outcome.err;
  EXPECT_TRUE(server.request().ends_with(
      R"({"so_pin":"12345678","first_person":"part a\n","second_person":"part b\n"})"))
      << server.request();
  EXPECT_EQ(outcome.out.find("12345678"), std::string::npos);
}

// An admin is no auditor, and reads through the socket that is open to admins.
TEST_F(RunTest, AReadGoesThroughAnySocketThatIsOpen) {
  OneAnswer auditor(folder_.file("auditor.sock"),
                    http_answer(403, R"({"code":"permission-denied","detail":"no role"})"),
                    "\r\n\r\n");
  OneAnswer admin(folder_.file("admin.sock"), http_answer(200, R"({"items":[],"next":null})"),
                  "\r\n\r\n");
  const test::Outcome outcome = run({"tenant", "list", "--output", "json"});
  EXPECT_EQ(outcome.code, ExitCode::ok) << outcome.err;
  EXPECT_NE(outcome.out.find("\"items\":[]"), std::string::npos);
}

// Custodians and auditors may check keys; the request is whole on each way.
TEST_F(RunTest, AnAuditorsOrderGoesThroughAnySocketThatTakesIt) {
  OneAnswer custodian(folder_.file("custodian.sock"), http_answer(200, R"({"ok":true})"), "}");
  OneAnswer auditor(folder_.file("auditor.sock"),
                    http_answer(403, R"({"code":"permission-denied","detail":"no role"})"), "}");
  const test::Outcome outcome = run({"key", "verify", "--output", "json"});
  EXPECT_EQ(outcome.code, ExitCode::ok) << outcome.err;
  EXPECT_TRUE(auditor.request().starts_with("POST /operator/v1/keys/verifications "));
  EXPECT_TRUE(custodian.request().ends_with("{}"));
}

TEST_F(RunTest, ARefusalOfEverySocketIsTheFirstOne) {
  OneAnswer auditor(folder_.file("auditor.sock"),
                    http_answer(403, R"({"code":"permission-denied","detail":"no role"})"),
                    "\r\n\r\n");
  const test::Outcome outcome = run({"tenant", "list"});
  EXPECT_EQ(outcome.code, ExitCode::permission);
  EXPECT_NE(outcome.err.find("no role"), std::string::npos) << outcome.err;
}

TEST_F(RunTest, ProofGoesToANewFile) {
  OneAnswer server(
      folder_.file("auditor.sock"),
      http_answer(201, R"({"payment":"pay_1","entries":2,"proof":"{\"format\":\"x\"}"})"), "}");
  const std::string file = folder_.file("pay_1.proof.json");
  const test::Outcome outcome = run({"audit", "proof", "pay_1", "--out", file, "--tenant", "a",
                                     "--mode", "test", "--output", "json"});
  EXPECT_EQ(outcome.code, ExitCode::ok) << outcome.err;
  EXPECT_EQ(json::parse(outcome.out)->at("proof_file").as_string(), file);
  EXPECT_EQ(read(file), "{\"format\":\"x\"}\n");
}

TEST_F(RunTest, SecretGoesToANewFileInsteadOfTheScreen) {
  OneAnswer server(folder_.file("operator.sock"),
                   http_answer(201, R"({"key_id":"ak_1","secret":"c2VjcmV0"})"), "}");
  const std::string file = folder_.file("shop.key");
  const test::Outcome outcome = run({"credential", "create", "--merchant", "shop", "--tenant", "a",
                                     "--secret-file", file, "--output", "json"});
  EXPECT_EQ(outcome.code, ExitCode::ok) << outcome.err;
  EXPECT_EQ(outcome.out.find("c2VjcmV0"), std::string::npos);
  EXPECT_EQ(read(file), "c2VjcmV0\n");
  struct stat facts{};
  ASSERT_EQ(::stat(file.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 07777U, 0400U);
}

TEST_F(RunTest, SecretFileIsNeverOverwrittenNorLeftEmpty) {
  const std::string file = folder_.file("shop.key");
  std::ofstream(file) << "mine";
  const std::vector<std::string> words{"credential", "create", "--merchant",    "shop",
                                       "--tenant",   "a",      "--secret-file", file};
  EXPECT_EQ(run(words).code, ExitCode::conflict);
  EXPECT_EQ(read(file), "mine");
  std::filesystem::remove(file);
  EXPECT_EQ(run(words).code, ExitCode::unreachable);
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_F(RunTest, ProblemsNameTheFields) {
  const std::string body =
      R"({"type":"about:blank","title":"t","status":422,"code":"validation-failed",)"
      R"("detail":"Not allowed.","errors":[{"pointer":"/name","code":"value-too-long",)"
      R"("detail":"at most 64"}]})";
  for (const bool as_json : {false, true}) {
    Folder folder;
    OneAnswer server(folder.file("admin.sock"), http_answer(422, body, "application/problem+json"),
                     "}");
    std::vector<std::string> words{"--run-dir", folder.path().string(), "tenant", "create", "x"};
    if (as_json) words.insert(words.end(), {"--output", "json"});
    const test::Outcome outcome = run_cli(words);
    EXPECT_EQ(outcome.code, ExitCode::usage);
    EXPECT_EQ(outcome.out, "");
    if (as_json) {
      const Result<json::value> document = json::parse(outcome.err);
      ASSERT_TRUE(document.ok()) << outcome.err;
      EXPECT_EQ(document->at("error").at("code").as_string(), "validation-failed");
      EXPECT_EQ(document->at("error").at("errors").at(0).at("pointer").as_string(), "/name");
    } else {
      EXPECT_EQ(outcome.err, "florin: Not allowed.\n  /name: at most 64\n");
    }
  }
}

TEST_F(RunTest, NobodyListens) {
  const test::Outcome absent = run({"status"});
  EXPECT_EQ(absent.code, ExitCode::unreachable);
  EXPECT_NE(absent.err.find("Is florind running?"), std::string::npos) << absent.err;
  // A socket file that its daemon left behind.
  {
    OneAnswer gone(folder_.file("auditor.sock"), "x", "x");
  }
  EXPECT_EQ(run({"status"}).code, ExitCode::unreachable);
}

TEST_F(RunTest, SilenceEndsWithTheTimeLimit) {
  OneAnswer server(folder_.file("auditor.sock"), "", "");
  const auto start = std::chrono::steady_clock::now();
  const test::Outcome outcome = run({"status", "--timeout", "100ms", "--output", "json"});
  EXPECT_EQ(outcome.code, ExitCode::timed_out) << outcome.err;
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
  EXPECT_EQ(json::parse(outcome.err)->at("error").at("code").as_string(), "timed-out");
}

TEST_F(RunTest, AnswersThatAreNoAnswers) {
  for (const std::string& answer : {std::string("nonsense\r\n\r\n"),
                                    std::string("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"),
                                    http_answer(200, "not json"), http_answer(204, "")}) {
    Folder folder;
    OneAnswer server(folder.file("auditor.sock"), answer, "\r\n\r\n");
    const test::Outcome outcome = run_cli({"--run-dir", folder.path().string(), "status"});
    EXPECT_EQ(outcome.code, ExitCode::internal) << answer << outcome.err;
    EXPECT_EQ(outcome.out, "");
  }
}

TEST_F(RunTest, PathTooLongForASocket) {
  EXPECT_EQ(run({"--run-dir", "/" + std::string(200, 'x'), "status"}).code, ExitCode::usage);
}

}  // namespace
}  // namespace florin::cli::run_test
