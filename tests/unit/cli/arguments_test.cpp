#include "cli/arguments.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "cli/help.h"
#include "tests/unit/cli/support.h"

namespace florin::cli::arguments_test {
namespace {

using test::run_cli;

Result<http::Request> request_of(std::vector<std::string> arguments) {
  const Invocation invocation = parse_arguments(std::move(arguments), [](const std::string& name) {
    return name == "FLORIN_TENANT" ? std::optional<std::string>("acme") : std::nullopt;
  });
  const auto* call = std::get_if<CommandCall>(&invocation.call);
  if (call == nullptr) {
    return Error(Errc::malformed_value, "arguments", std::get<Print>(invocation.call).text);
  }
  FLORIN_TRY(const Values values, complete_values(*call->command, call->values));
  return build_request(*call->command, values);
}

TEST(ArgumentsTest, TheGraphOfPaymentsNeedsNoDaemon) {
  const auto printed = [](std::vector<std::string> words) {
    const Invocation invocation = parse_arguments(
        std::move(words), [](const std::string&) { return std::optional<std::string>(); });
    return std::get<Print>(invocation.call);
  };
  const Print all = printed({"payment", "graph"});
  EXPECT_EQ(all.code, ExitCode::ok);
  EXPECT_TRUE(all.text.starts_with("digraph payments {"));
  EXPECT_NE(all.text.find("cluster_refund"), std::string::npos);
  const Print one = printed({"payment", "graph", "--machine", "operation"});
  EXPECT_EQ(one.code, ExitCode::ok);
  EXPECT_NE(one.text.find("cluster_operation"), std::string::npos);
  EXPECT_EQ(one.text.find("cluster_refund"), std::string::npos);
  EXPECT_EQ(printed({"payment", "graph", "--machine", "nothing"}).code, ExitCode::usage);
}

TEST(ArgumentsTest, RequestsOfCommands) {
  const struct {
    std::vector<std::string> words;
    std::string method, target, body;
  } cases[] = {
      {{"status"}, "GET", "/operator/v1/status", ""},
      {{"tenant", "create", "acme"},
       "POST",
       "/operator/v1/tenants",
       R"({"name":"acme","display":"acme"})"},
      {{"tenant", "create", "acme", "--display", "Acme \"Bank\""},
       "POST",
       "/operator/v1/tenants",
       R"({"name":"acme","display":"Acme \"Bank\""})"},
      {{"merchant", "list", "--mode", "live", "--limit", "5"},
       "GET",
       "/operator/v1/tenants/acme/live/merchants?limit=5",
       ""},
      {{"merchant", "list", "--tenant", "other"},
       "GET",
       "/operator/v1/tenants/other/test/merchants",
       ""},
      {{"credential", "create", "--merchant", "shop"},
       "POST",
       "/operator/v1/tenants/acme/test/merchants/shop/credentials",
       R"({"label":"default"})"},
      {{"credential", "create", "--merchant", "shop", "--authentication", "both"},
       "POST",
       "/operator/v1/tenants/acme/test/merchants/shop/credentials",
       R"({"label":"default","authentication":"both"})"},
      {{"config", "reload"}, "POST", "/operator/v1/config/reload", "{}"},
      {{"webhook", "create", "--merchant", "shop", "--url", "https://a/b"},
       "POST",
       "/operator/v1/tenants/acme/test/merchants/shop/webhooks",
       R"({"url":"https://a/b"})"},
      {{"payment", "list", "--merchant", "a b&c", "--cursor", "x=y"},
       "GET",
       "/operator/v1/tenants/acme/test/payments?merchant=a%20b%26c&cursor=x%3Dy",
       ""},
      {{"payment", "show", "pay_1"}, "GET", "/operator/v1/tenants/acme/test/payments/pay_1", ""},
      {{"ledger", "entries", "--from", "7"},
       "GET",
       "/operator/v1/tenants/acme/test/entries?from=7",
       ""},
      {{"audit", "export", "h1"},
       "POST",
       "/operator/v1/tenants/acme/test/exports",
       R"({"name":"h1"})"},
      {{"audit", "export", "q1", "--from", "2026-01-01", "--to", "2026-03-31"},
       "POST",
       "/operator/v1/tenants/acme/test/exports",
       R"({"name":"q1","from":"2026-01-01","to":"2026-03-31"})"},
      {{"audit", "export", "part", "--from-seq", "0", "--to-seq", "99"},
       "POST",
       "/operator/v1/tenants/acme/test/exports",
       R"({"name":"part","from_seq":"0","to_seq":"99"})"},
      {{"audit", "proof", "pay_1", "--out", "p.json"},
       "POST",
       "/operator/v1/tenants/acme/test/payments/pay_1/proofs",
       "{}"},
  };
  for (const auto& wanted : cases) {
    const Result<http::Request> request = request_of(wanted.words);
    ASSERT_TRUE(request.ok()) << wanted.target << ": " << request.error().to_log();
    EXPECT_EQ(request->method, wanted.method);
    EXPECT_EQ(request->target, wanted.target);
    EXPECT_EQ(request->body, wanted.body);
  }
}

TEST(ArgumentsTest, WrongArgumentsAreUsageErrors) {
  const struct {
    std::vector<std::string> words;
    std::string said;
  } cases[] = {
      {{"tennant", "list"}, "did you mean \"tenant\"?"},
      {{"--output", "json", "tenant", "lsit"}, "did you mean \\\"tenant list\\\"?"},
      {{"frobnicate"}, "there is init, help, status"},
      {{"tenant"}, "needs one of: create, list"},
      {{"tenant", "create"}, "NAME: is required"},
      {{"tenant", "create", "a", "b"}, "b"},
      {{"merchant", "list"}, "--tenant: is required"},
      {{"merchant", "list", "--tenant", "../x"}, "is not a name or id"},
      {{"merchant", "list", "--tenant", "a", "--mode", "prod"}, "is not test or live"},
      {{"tenant", "list", "--limit", "0"}, "is not a positive whole number"},
      {{"tenant", "list", "--limit", "1x"}, "is not a positive whole number"},
      {{"tenant", "list", "--nonsense"}, "--nonsense"},
      {{"tenant", "list", "--timeout", "soon"}, "is not a time"},
      {{"tenant", "list", "--output", "yaml"}, "yaml"},
      {{"tenant", "list", "--run-dir", "a", "--config", "b"}, "--config"},
      {{"hsm", "init", "--so-pin-file", "/nonexistent/pin", "--first-person", "a",
        "--second-person", "b"},
       "No such file"},
      {{"hsm", "init", "--so-pin-file", "/nonexistent/pin"}, "--first-person: is required"},
      {{"ledger", "reopen", "a/live"}, "--reason: is required"},
      {{"ledger", "reopen", "a/live", "--reason", "x", "--key-file", "/nonexistent/key"},
       "there is no key"},
      {{"help", "exit-code"}, "did you mean \"exit-codes\"?"},
      {{"init", "--dir", "/tmp/never"}, "--evaluation"},
      {{"init", "--evaluation"}, "--dir"},
      {{"status", "--config", "/nonexistent/florind.conf"}, "cannot be read"},
  };
  for (const auto& wrong : cases) {
    const test::Outcome outcome = run_cli(wrong.words);
    EXPECT_EQ(outcome.code, ExitCode::usage) << wrong.said << outcome.err;
    EXPECT_NE(outcome.err.find(wrong.said), std::string::npos) << outcome.err;
    EXPECT_EQ(outcome.out, "");
  }
}

TEST(ArgumentsTest, HelpIsShortAndSucceeds) {
  const test::Outcome alone = run_cli({});
  EXPECT_EQ(alone.code, ExitCode::ok);
  EXPECT_LE(std::count(alone.out.begin(), alone.out.end(), '\n'), 12);
  for (const std::string& topic : help_topics()) {
    EXPECT_EQ(run_cli({"help", topic}).code, ExitCode::ok);
  }
  EXPECT_EQ(run_cli({"help", "exit-codes"}).out, exit_code_help());
  const test::Outcome leaf = run_cli({"tenant", "create", "--help"});
  EXPECT_EQ(leaf.code, ExitCode::ok);
  EXPECT_NE(leaf.out.find("EXAMPLES"), std::string::npos);
  EXPECT_NE(leaf.out.find("--display"), std::string::npos);
  EXPECT_EQ(run_cli({"--version"}).out.substr(0, 7), "florin ");
}

// No option takes a secret itself, only files do; and every command uses a schema id.
TEST(ArgumentsTest, TableIsComplete) {
  for (const Command& command : commands()) {
    EXPECT_TRUE(command.schema.starts_with("florin.")) << command.noun;
    // An operation has a path when its parameters are to be found out first.
    const bool sends =
        (command.operation.empty() && command.local != Local::enrol) || !command.path.empty();
    EXPECT_EQ(command.path.starts_with("/operator/v1/"), sends) << command.noun;
    if (!sends) continue;
    for (const Argument& argument : command.arguments) {
      const bool secret = argument.name == "secret" || argument.name == "api_key" ||
                          argument.name == "so_pin" || argument.name == "customer_reference";
      if (secret) {
        EXPECT_TRUE(argument.option.ends_with("-file")) << argument.option;
      }
      if (argument.target == Target::path) {
        EXPECT_NE(command.path.find("{" + std::string(argument.name) + "}"), std::string::npos);
      }
    }
    EXPECT_EQ(std::count(command.path.begin(), command.path.end(), '{'),
              std::count_if(command.arguments.begin(), command.arguments.end(),
                            [](const Argument& a) { return a.target == Target::path; }));
  }
}

TEST(ArgumentsTest, Durations) {
  EXPECT_EQ(parse_duration("30s")->count(), 30'000);
  EXPECT_EQ(parse_duration("500ms")->count(), 500);
  EXPECT_EQ(parse_duration("2m")->count(), 120'000);
  EXPECT_EQ(parse_duration("7")->count(), 7'000);
  for (const char* wrong : {"", "0", "-1s", "1h", "s", "9223372036854775807", "1 s"}) {
    EXPECT_FALSE(parse_duration(wrong).ok()) << wrong;
  }
}

}  // namespace
}  // namespace florin::cli::arguments_test
